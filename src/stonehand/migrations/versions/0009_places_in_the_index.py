"""Where and when an article appeared, beside its words in the index; signs of vectors, in an index of their own."""

from alembic import op
import sqlalchemy as sa
import stonehand.db
from stonehand.nlp import vectors

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
    op.add_column("analyses", sa.Column("signs", sa.LargeBinary(), nullable=True))
    _sign(op.get_bind())
    op.create_index("ix_analyses_signs", "analyses", ["vector_model", "article_id", "signs"], unique=False)


def _sign(connection):
    """A few thousand at a time, so that no more than those are in memory."""
    rows, last = [("", b"")], ""
    while rows:
        wish = sa.text("SELECT article_id, vector FROM analyses WHERE article_id > :last ORDER BY article_id LIMIT 2000")
        rows = connection.execute(wish, {"last": last}).all()
        if rows:
            said = [{"id": id_, "signs": vectors.signs(bytes(vector))} for id_, vector in rows]
            connection.execute(sa.text("UPDATE analyses SET signs = :signs WHERE article_id = :id"), said)
            last = rows[-1][0]


def downgrade() -> None:
    op.drop_index("ix_analyses_signs", table_name="analyses")
    op.drop_column("analyses", "signs")
    op.drop_column("article_index", "host")
    op.drop_column("article_index", "moment")
