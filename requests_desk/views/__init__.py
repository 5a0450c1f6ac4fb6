"""The public pages of a request: before sending (`asking`), after it (`status`), and the way back to it (`finding`)."""
