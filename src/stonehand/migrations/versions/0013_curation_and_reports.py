"""curation and reports."""

from alembic import op
import sqlalchemy as sa
import stonehand.db

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('counters',
    sa.Column('subject', sa.String(length=20), nullable=False),
    sa.Column('subject_id', sa.String(length=36), nullable=False),
    sa.Column('day', sa.String(length=10), nullable=False),
    sa.Column('name', sa.String(length=20), nullable=False),
    sa.Column('count', sa.BigInteger(), nullable=False),
    sa.CheckConstraint("subject IN ('article', 'publication')", name=op.f('ck_counters_subject_known')),
    sa.PrimaryKeyConstraint('subject', 'subject_id', 'day', 'name', name=op.f('pk_counters'))
    )
    op.create_index('ix_counters_day', 'counters', ['day', 'name'], unique=False)
    op.create_table('curation_weights',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('user_id', sa.String(), nullable=False),
    sa.Column('weights', stonehand.db.Json, nullable=False),
    sa.Column('in_use', sa.Boolean(), nullable=False),
    sa.Column('created_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_curation_weights')),
    sa.UniqueConstraint('name', name=op.f('uq_curation_weights_name'))
    )
    op.create_index('ix_curation_weights_user_id', 'curation_weights', ['user_id'], unique=False)
    op.create_table('curations',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('topic', sa.String(), nullable=False),
    sa.Column('within', sa.String(), nullable=False),
    sa.Column('weights', stonehand.db.Json, nullable=False),
    sa.Column('weights_name', sa.String(), nullable=False),
    sa.Column('rules', stonehand.db.Json, nullable=False),
    sa.Column('with_sources', sa.Boolean(), nullable=False),
    sa.Column('looks', stonehand.db.Json, nullable=True),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('job_id', sa.String(length=36), nullable=True),
    sa.Column('limit_seconds', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('scored', sa.Integer(), nullable=False),
    sa.Column('failed', sa.Integer(), nullable=False),
    sa.Column('chosen', sa.Integer(), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('created_by', sa.String(), nullable=False),
    sa.Column('created_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('began_at', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('gathered_at', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('ended_at', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.CheckConstraint("kind IN ('batch', 'topic')", name=op.f('ck_curations_kind_known')),
    sa.CheckConstraint("state IN ('reading', 'done', 'limited', 'stopped')", name=op.f('ck_curations_state_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_curations'))
    )
    op.create_index('ix_curations_job_id', 'curations', ['job_id'], unique=False)
    op.create_table('reports',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('since', sa.String(length=10), nullable=False),
    sa.Column('until', sa.String(length=10), nullable=False),
    sa.Column('key_figures', stonehand.db.Json, nullable=False),
    sa.Column('sections', stonehand.db.Json, nullable=False),
    sa.Column('made_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.CheckConstraint("kind IN ('daily', 'weekly')", name=op.f('ck_reports_kind_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reports')),
    sa.UniqueConstraint('kind', 'since', name=op.f('uq_reports_kind_since'))
    )
    op.create_table('article_analytics',
    sa.Column('article_id', sa.String(), nullable=False),
    sa.Column('figures', stonehand.db.Json, nullable=False),
    sa.Column('updated_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_article_analytics_article_id_articles'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('article_id', name=op.f('pk_article_analytics'))
    )
    op.create_table('curation_items',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('curation_id', sa.String(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('url', sa.String(), nullable=False),
    sa.Column('entry_id', sa.String(), nullable=True),
    sa.Column('article_id', sa.String(), nullable=True),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('error', sa.String(), nullable=True),
    sa.Column('score', sa.Double(), nullable=True),
    sa.Column('parts', stonehand.db.Json, nullable=True),
    sa.Column('scored_at', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('place', sa.Integer(), nullable=True),
    sa.Column('left_out', sa.String(), nullable=True),
    sa.Column('yields_to', sa.String(), nullable=True),
    sa.Column('closeness', sa.Double(), nullable=True),
    sa.Column('cluster', sa.Integer(), nullable=True),
    sa.CheckConstraint("state IN ('waiting', 'scored', 'failed')", name=op.f('ck_curation_items_state_known')),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_curation_items_article_id_articles'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['curation_id'], ['curations.id'], name=op.f('fk_curation_items_curation_id_curations'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_curation_items')),
    sa.UniqueConstraint('curation_id', 'position', name=op.f('uq_curation_items_curation_id_position'))
    )
    op.create_index('ix_curation_items_article_id', 'curation_items', ['article_id'], unique=False)
    op.create_index('ix_curation_items_curation_id_state', 'curation_items', ['curation_id', 'state'], unique=False)


def downgrade() -> None:
    for table in ('curation_items', 'article_analytics', 'reports', 'curations', 'curation_weights', 'counters'):
        op.drop_table(table)
