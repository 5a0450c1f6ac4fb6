from . import desk, erasures, holds, retention

__all__ = ["desk", "erasures", "holds", "retention"]
