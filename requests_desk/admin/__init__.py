from . import desk

__all__ = ["desk"]
