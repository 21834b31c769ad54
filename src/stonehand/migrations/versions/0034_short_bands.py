"""bands name the place of their article in the index of words, which takes a quarter of the room of its id"""

from typing import Any

from alembic import op
import sqlalchemy as sa

revision = '0034'
down_revision = '0033'
branch_labels = None
depends_on = None

# What has no place yet gets one; its words are indexed in the background, as those of an older form are.
PLACED = """
INSERT INTO article_index (article_id, version)
SELECT DISTINCT article_id, 0 FROM article_bands
WHERE article_id NOT IN (SELECT article_id FROM article_index)
"""
SHORT = """
CREATE TABLE bands_moved AS SELECT article_bands.value AS value, article_index.number AS who
FROM article_bands JOIN article_index ON article_index.article_id = article_bands.article_id
"""
LONG = """
CREATE TABLE bands_moved AS SELECT article_bands.value AS value, article_index.article_id AS who
FROM article_bands JOIN article_index ON article_index.number = article_bands.number
"""


def upgrade() -> None:
    op.execute(PLACED)
    integer = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    remake(SHORT, sa.Column('number', integer, autoincrement=False, nullable=False), 'article_index.number')


def downgrade() -> None:
    remake(LONG, sa.Column('article_id', sa.String(), nullable=False), 'articles.id')


def remake(moved: str, column: sa.Column[Any], whose: str) -> None:
    """The table anew with this column beside the bands, filled in the order of its key, which keeps it dense."""
    op.execute(moved)
    op.drop_table('article_bands')
    named = f'fk_article_bands_{column.name}_{whose.partition(".")[0]}'
    op.create_table(
        'article_bands',
        sa.Column('value', sa.BigInteger(), autoincrement=False, nullable=False),
        column,
        sa.ForeignKeyConstraint([column.name], [whose], name=op.f(named), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('value', column.name, name=op.f('pk_article_bands')),
        sqlite_with_rowid=False,
    )
    op.execute('INSERT INTO article_bands SELECT value, who FROM bands_moved ORDER BY value, who')
    op.execute('DROP TABLE bands_moved')
    op.create_index(op.f(f'ix_article_bands_{column.name}'), 'article_bands', [column.name], unique=False)
