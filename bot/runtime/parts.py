"""What a process does, of several over one PostgreSQL."""

from typing import Literal, TypeAlias

Part: TypeAlias = Literal["run", "web", "worker"]
"""Everything; pages alone; or everything but pages."""
