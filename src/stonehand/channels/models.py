"""Table of channels."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from stonehand import vault
from stonehand.db import Base, Mapped, mapped_column, new_id


class Channel(Base):
    """Where pieces go. `slug` is its name in paths and never changes; `config` holds no secrets."""

    __tablename__ = "channels"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    name: Mapped[str] = mapped_column(unique=True)
    slug: Mapped[str] = mapped_column(unique=True)
    config: Mapped[dict[str, Any]]
    secrets: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}", info=vault.SEALED)
    """Sealed by the vault, each for this channel and its address."""
    is_enabled: Mapped[bool] = mapped_column(default=True)
    trouble: Mapped[str | None] = mapped_column(sa.Text)
    """Why it was switched off by itself."""
    requires_review: Mapped[bool] = mapped_column(default=True)
    eyes: Mapped[str] = mapped_column(default="one", server_default="one")
    """Who must approve what goes there: `one` person, `another` than its writer, or `two`."""
    is_sample: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
