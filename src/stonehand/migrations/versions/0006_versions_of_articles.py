"""versions of articles."""

from alembic import op
import sqlalchemy as sa
import stonehand.db
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('article_verdicts',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('low_id', sa.String(), nullable=False),
    sa.Column('high_id', sa.String(), nullable=False),
    sa.Column('original_id', sa.String(), nullable=True),
    sa.Column('said_by', sa.String(), nullable=False),
    sa.Column('said_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['high_id'], ['articles.id'], name=op.f('fk_article_verdicts_high_id_articles'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['low_id'], ['articles.id'], name=op.f('fk_article_verdicts_low_id_articles'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_article_verdicts')),
    sa.UniqueConstraint('low_id', 'high_id', name=op.f('uq_article_verdicts_low_id_high_id'))
    )
    with op.batch_alter_table('article_verdicts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_article_verdicts_high_id'), ['high_id'], unique=False)

    op.create_table('article_versions',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('article_id', sa.String(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('packed', sa.LargeBinary(), nullable=False),
    sa.Column('word_count', sa.Integer(), nullable=False),
    sa.Column('since', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('until', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_article_versions_article_id_articles'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_article_versions')),
    sa.UniqueConstraint('article_id', 'number', name=op.f('uq_article_versions_article_id_number'))
    )
    with op.batch_alter_table('articles', schema=None) as batch_op:
        batch_op.add_column(sa.Column('licence', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('origins', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=True))
        batch_op.add_column(sa.Column('version', sa.Integer(), server_default='1', nullable=False))
        batch_op.add_column(sa.Column('revised_at', stonehand.db.UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('articles', schema=None) as batch_op:
        batch_op.drop_column('revised_at')
        batch_op.drop_column('version')
        batch_op.drop_column('origins')
        batch_op.drop_column('licence')

    op.drop_table('article_versions')
    op.drop_table('article_verdicts')
