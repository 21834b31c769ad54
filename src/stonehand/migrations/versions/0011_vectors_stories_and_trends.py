"""vectors, stories and trends."""

from alembic import op
import sqlalchemy as sa
import stonehand.db

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('vector_indexes',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('until', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('updated_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_vector_indexes'))
    )
    with op.batch_alter_table('analyses', schema=None) as batch_op:
        batch_op.create_index('ix_analyses_vector_model_updated_at', ['vector_model', 'updated_at'], unique=False)
    with op.batch_alter_table('stories', schema=None) as batch_op:
        batch_op.add_column(sa.Column('merged_into', sa.String(), nullable=True))
        batch_op.create_foreign_key(op.f('fk_stories_merged_into_stories'), 'stories', ['merged_into'], ['id'], ondelete='CASCADE')
        batch_op.create_index(op.f('ix_stories_merged_into'), ['merged_into'], unique=False)
    with op.batch_alter_table('story_lock', schema=None) as batch_op:
        batch_op.add_column(sa.Column('passed', sa.Integer(), server_default='0', nullable=False))
    op.create_table('story_changes',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('from_id', sa.String(), nullable=False),
    sa.Column('to_id', sa.String(), nullable=False),
    sa.Column('article_count', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('evidence', stonehand.db.Json, nullable=False),
    sa.Column('said_by', sa.String(), nullable=False),
    sa.Column('at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.CheckConstraint("kind IN ('merged', 'split', 'moved')", name=op.f('ck_story_changes_kind_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_story_changes'))
    )
    op.create_index(op.f('ix_story_changes_from_id'), 'story_changes', ['from_id'], unique=False)
    op.create_index(op.f('ix_story_changes_to_id'), 'story_changes', ['to_id'], unique=False)
    op.create_table('story_verdicts',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('low_id', sa.String(), nullable=False),
    sa.Column('high_id', sa.String(), nullable=False),
    sa.Column('together', sa.Boolean(), nullable=False),
    sa.Column('said_by', sa.String(), nullable=False),
    sa.Column('said_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['high_id'], ['articles.id'], name=op.f('fk_story_verdicts_high_id_articles'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['low_id'], ['articles.id'], name=op.f('fk_story_verdicts_low_id_articles'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_story_verdicts')),
    sa.UniqueConstraint('low_id', 'high_id', name=op.f('uq_story_verdicts_low_id_high_id'))
    )
    op.create_index(op.f('ix_story_verdicts_high_id'), 'story_verdicts', ['high_id'], unique=False)
    op.create_table('trends',
    sa.Column('story_id', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('score', sa.Double(), nullable=False),
    sa.Column('velocity', sa.Double(), nullable=False),
    sa.Column('surprise', sa.Double(), nullable=False),
    sa.Column('slope', sa.Double(), nullable=False),
    sa.Column('why', sa.String(), nullable=False),
    sa.Column('parts', stonehand.db.Json, nullable=False),
    sa.Column('history', stonehand.db.Json, nullable=False),
    sa.Column('turns', stonehand.db.Json, nullable=False),
    sa.Column('peak_velocity', sa.Double(), nullable=False),
    sa.Column('peak_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('alarmed_at', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('state_since', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('created_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.CheckConstraint("state IN ('emerging', 'viral', 'sustained', 'declining', 'dead')", name=op.f('ck_trends_state_known')),
    sa.ForeignKeyConstraint(['story_id'], ['stories.id'], name=op.f('fk_trends_story_id_stories'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('story_id', name=op.f('pk_trends'))
    )
    op.create_index('ix_trends_score', 'trends', [sa.literal_column('score DESC')], unique=False)
    op.create_index('ix_trends_state_score', 'trends', ['state', sa.literal_column('score DESC')], unique=False)
    op.create_index(op.f('ix_trends_updated_at'), 'trends', ['updated_at'], unique=False)


def downgrade() -> None:
    op.drop_table('trends')
    op.drop_table('story_verdicts')
    op.drop_table('story_changes')
    with op.batch_alter_table('story_lock', schema=None) as batch_op:
        batch_op.drop_column('passed')
    with op.batch_alter_table('stories', schema=None) as batch_op:
        batch_op.drop_index(op.f('ix_stories_merged_into'))
        batch_op.drop_constraint(op.f('fk_stories_merged_into_stories'), type_='foreignkey')
        batch_op.drop_column('merged_into')
    with op.batch_alter_table('analyses', schema=None) as batch_op:
        batch_op.drop_index('ix_analyses_vector_model_updated_at')
    op.drop_table('vector_indexes')
