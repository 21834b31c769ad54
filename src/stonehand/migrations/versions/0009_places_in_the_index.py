"""Where and when an article appeared, beside its words in the index."""

from alembic import op
import sqlalchemy as sa
import stonehand.db

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

FILL = """
UPDATE article_index SET
    moment = (SELECT coalesce(published_at, fetched_at) FROM articles WHERE articles.id = article_index.article_id),
    host = (SELECT host FROM articles WHERE articles.id = article_index.article_id)
"""


def upgrade() -> None:
    op.add_column("article_index", sa.Column("moment", stonehand.db.UtcDateTime(timezone=True), nullable=True))
    op.add_column("article_index", sa.Column("host", sa.String(), server_default="", nullable=False))
    op.execute(FILL)


def downgrade() -> None:
    op.drop_column("article_index", "host")
    op.drop_column("article_index", "moment")
