"""a library: an index of words, tags, bookmarks, saved searches."""

from urllib.parse import urlsplit

from alembic import op
import sqlalchemy as sa
import stonehand.db

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INDEX = {
    'sqlite': (
        "CREATE VIRTUAL TABLE article_words USING fts5(title, body, tokenize = 'unicode61 remove_diacritics 0')",
        'CREATE TRIGGER article_words_removed AFTER DELETE ON article_index '
        'BEGIN DELETE FROM article_words WHERE rowid = OLD.number; END',
    ),
    'postgresql': (
        'CREATE TABLE article_words (number BIGINT PRIMARY KEY REFERENCES article_index (number) ON DELETE CASCADE, '
        'words tsvector NOT NULL)',
        'ALTER TABLE article_words ALTER words SET STORAGE EXTERNAL',
        'CREATE INDEX ix_article_words_words ON article_words USING gin (words)',
    ),
}


def upgrade() -> None:
    op.add_column('articles', sa.Column('host', sa.String(), server_default='', nullable=False))
    fill_hosts(op.get_bind())
    op.create_table('article_index',
    sa.Column('number', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('article_id', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_article_index_article_id_articles'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_article_index')),
    sa.UniqueConstraint('article_id', name=op.f('uq_article_index_article_id')),
    sqlite_autoincrement=True
    )
    for statement in INDEX[op.get_bind().dialect.name]:
        op.execute(statement)
    op.create_table('article_tags',
    sa.Column('article_id', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('created_at', stonehand.db.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_article_tags_article_id_articles'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('article_id', 'name', name=op.f('pk_article_tags'))
    )
    op.create_index('ix_article_tags_name', 'article_tags', ['name'])
    op.create_table('bookmarks',
    sa.Column('user_id', sa.String(), nullable=False),
    sa.Column('article_id', sa.String(), nullable=False),
    sa.Column('created_at', stonehand.db.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_bookmarks_user_id_users'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_bookmarks_article_id_articles'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', 'article_id', name=op.f('pk_bookmarks'))
    )
    op.create_index('ix_bookmarks_article_id', 'bookmarks', ['article_id'])
    op.create_table('saved_searches',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('user_id', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('query', sa.String(), nullable=False),
    sa.Column('feed_hash', sa.String(), nullable=False),
    sa.Column('feed_prefix', sa.String(), nullable=False),
    sa.Column('created_at', stonehand.db.UtcDateTime(), nullable=False),
    sa.Column('updated_at', stonehand.db.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_saved_searches_user_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_searches')),
    sa.UniqueConstraint('name', name=op.f('uq_saved_searches_name')),
    sa.UniqueConstraint('feed_hash', name=op.f('uq_saved_searches_feed_hash'))
    )
    op.create_index('ix_saved_searches_user_id', 'saved_searches', ['user_id'])


def fill_hosts(connection: sa.Connection) -> None:
    articles = sa.table('articles', sa.column('id', sa.String), sa.column('url', sa.String), sa.column('host', sa.String))
    statement = sa.update(articles).where(articles.c.id == sa.bindparam('its_id')).values(host=sa.bindparam('its_host'))
    last = ''
    while rows := connection.execute(sa.select(articles.c.id, articles.c.url).where(articles.c.id > last).order_by(articles.c.id).limit(1000)).all():
        connection.execute(statement, [{'its_id': row.id, 'its_host': host_of(row.url)} for row in rows])
        last = rows[-1].id


def host_of(url: str) -> str:
    try:
        return (urlsplit(url).hostname or '').lower()
    except ValueError:
        return ''


def downgrade() -> None:
    with op.batch_alter_table('articles', schema=None) as batch_op:
        batch_op.drop_column('host')
    for table in ('saved_searches', 'bookmarks', 'article_tags', 'article_words', 'article_index'):
        op.drop_table(table)
