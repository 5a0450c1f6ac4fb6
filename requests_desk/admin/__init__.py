from . import desk, holds, retention

__all__ = ["desk", "holds", "retention"]
