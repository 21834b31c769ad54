"""the index of words says more of an article; PostgreSQL keeps the words themselves there, and knows in which part they are"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0033'
down_revision = '0032'
branch_labels = None
depends_on = None

BLOCK = 2048
FILL = """
UPDATE article_index SET
    source_id = coalesce((SELECT source_id FROM articles WHERE articles.id = article_index.article_id), ''),
    site = coalesce((SELECT site FROM articles WHERE articles.id = article_index.article_id), ''),
    language = coalesce(
        (SELECT language FROM analyses WHERE analyses.article_id = article_index.article_id),
        (SELECT lower(language_hint) FROM articles WHERE articles.id = article_index.article_id),
        '')
"""
JOIN = (
    'UPDATE article_index SET words = article_words.words FROM article_words WHERE article_words.number = article_index.number',
    'DROP TABLE article_words',
    'CLUSTER article_index USING pk_article_index',  # the newest of them stand together again
    f'CREATE INDEX article_words ON article_index USING gin (words, (ARRAY[number / {BLOCK}]))',
)
PART = (
    'DROP INDEX article_words',
    'CREATE TABLE article_words (number BIGINT PRIMARY KEY REFERENCES article_index (number) ON DELETE CASCADE, '
    'words tsvector NOT NULL)',
    'ALTER TABLE article_words ALTER words SET STORAGE EXTERNAL',
    'INSERT INTO article_words (number, words) SELECT number, words FROM article_index WHERE words IS NOT NULL',
    'CREATE INDEX ix_article_words_words ON article_words USING gin (words)',
)


def upgrade() -> None:
    for name in ('source_id', 'site', 'language'):
        op.add_column('article_index', sa.Column(name, sa.String(), server_default='', nullable=False))
    words = postgresql.TSVECTOR().with_variant(sa.Text(), 'sqlite')
    op.add_column('article_index', sa.Column('words', words, nullable=True))
    op.execute(FILL)
    if is_postgresql():
        op.execute('ALTER TABLE article_index ALTER words SET STORAGE EXTERNAL')
        for statement in JOIN:
            op.execute(statement)


def is_postgresql() -> bool:
    return op.get_context().dialect.name == 'postgresql'


def downgrade() -> None:
    for statement in PART if is_postgresql() else ():
        op.execute(statement)
    for name in ('words', 'language', 'site', 'source_id'):
        op.drop_column('article_index', name)
