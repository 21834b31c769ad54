"""rubrics and descriptions."""

from alembic import op
import sqlalchemy as sa
import stonehand.db

revision = '0010'
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('label_vectors',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('model', sa.String(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('packed', sa.LargeBinary(), nullable=False),
    sa.Column('trained_on', sa.Integer(), nullable=False),
    sa.Column('updated_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', 'model', name=op.f('pk_label_vectors'))
    )
    op.create_table('rubrics',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('slug', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('description', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('is_preset', sa.Boolean(), nullable=False),
    sa.Column('is_automatic', sa.Boolean(), nullable=False),
    sa.Column('created_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rubrics')),
    sa.UniqueConstraint('slug', name=op.f('uq_rubrics_slug'))
    )
    op.create_table('rubric_calibrations',
    sa.Column('rubric_id', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('model', sa.String(), nullable=False),
    sa.Column('learnt', stonehand.db.Json, nullable=False),
    sa.Column('packed', sa.LargeBinary(), nullable=False),
    sa.Column('examples', sa.Integer(), nullable=False),
    sa.Column('report', stonehand.db.Json, nullable=False),
    sa.Column('made_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['rubric_id'], ['rubrics.id'], name=op.f('fk_rubric_calibrations_rubric_id_rubrics'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('rubric_id', name=op.f('pk_rubric_calibrations'))
    )
    op.create_table('rubric_trials',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('step', sa.String(), nullable=False),
    sa.Column('rubric_id', sa.String(), nullable=True),
    sa.Column('definition', stonehand.db.Json, nullable=True),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('differing', sa.Integer(), nullable=False),
    sa.Column('report', stonehand.db.Json, nullable=False),
    sa.Column('error', sa.String(), nullable=False),
    sa.Column('made_by', sa.String(), nullable=False),
    sa.Column('created_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('finished_at', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.CheckConstraint("kind IN ('replay', 'rerun')", name=op.f('ck_rubric_trials_kind_known')),
    sa.CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'saved')", name=op.f('ck_rubric_trials_state_known')),
    sa.ForeignKeyConstraint(['rubric_id'], ['rubrics.id'], name=op.f('fk_rubric_trials_rubric_id_rubrics'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rubric_trials'))
    )
    op.create_index('ix_rubric_trials_rubric_id', 'rubric_trials', ['rubric_id'], unique=False)
    op.create_table('rubric_versions',
    sa.Column('rubric_id', sa.String(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('definition', stonehand.db.Json, nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('made_by', sa.String(), nullable=False),
    sa.Column('created_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['rubric_id'], ['rubrics.id'], name=op.f('fk_rubric_versions_rubric_id_rubrics'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('rubric_id', 'number', name=op.f('pk_rubric_versions'))
    )
    op.create_table('article_topics',
    sa.Column('article_id', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('score', sa.Double(), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_article_topics_article_id_articles'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('article_id', 'name', name=op.f('pk_article_topics'))
    )
    op.create_index('ix_article_topics_name', 'article_topics', ['name'], unique=False)
    op.create_table('descriptions',
    sa.Column('article_id', sa.String(), nullable=False),
    sa.Column('category', sa.String(), nullable=False),
    sa.Column('category_score', sa.Double(), nullable=False),
    sa.Column('categories', stonehand.db.Json, nullable=False),
    sa.Column('topics', stonehand.db.Json, nullable=False),
    sa.Column('entities', stonehand.db.Json, nullable=False),
    sa.Column('entity_density', sa.Double(), nullable=False),
    sa.Column('sentiment', stonehand.db.Json, nullable=False),
    sa.Column('readability', stonehand.db.Json, nullable=False),
    sa.Column('quality', stonehand.db.Json, nullable=False),
    sa.Column('summary', stonehand.db.Json, nullable=False),
    sa.Column('tone', sa.String(), nullable=False),
    sa.Column('created_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_descriptions_article_id_articles'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('article_id', name=op.f('pk_descriptions'))
    )
    op.create_index('ix_descriptions_category', 'descriptions', ['category'], unique=False)
    op.create_table('rubric_judgements',
    sa.Column('rubric_id', sa.String(), nullable=False),
    sa.Column('article_id', sa.String(), nullable=False),
    sa.Column('label', sa.String(), nullable=False),
    sa.Column('score', sa.Double(), nullable=True),
    sa.Column('said_by', sa.String(), nullable=False),
    sa.Column('said_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_rubric_judgements_article_id_articles'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['rubric_id'], ['rubrics.id'], name=op.f('fk_rubric_judgements_rubric_id_rubrics'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('rubric_id', 'article_id', name=op.f('pk_rubric_judgements'))
    )
    op.create_index('ix_rubric_judgements_article_id', 'rubric_judgements', ['article_id'], unique=False)
    op.create_table('rubric_scores',
    sa.Column('article_id', sa.String(), nullable=False),
    sa.Column('rubric_id', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('label', sa.String(), nullable=False),
    sa.Column('score', sa.Double(), nullable=False),
    sa.Column('confidence', sa.Double(), nullable=False),
    sa.Column('method', sa.String(), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('parts', stonehand.db.Json, nullable=False),
    sa.Column('gauges', stonehand.db.Json, nullable=False),
    sa.Column('scored_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_rubric_scores_article_id_articles'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['rubric_id'], ['rubrics.id'], name=op.f('fk_rubric_scores_rubric_id_rubrics'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('article_id', 'rubric_id', name=op.f('pk_rubric_scores'))
    )
    op.create_index('ix_rubric_scores_rubric_id_article_id', 'rubric_scores', ['rubric_id', 'article_id'], unique=False)
    op.create_table('rubric_trial_items',
    sa.Column('trial_id', sa.String(), nullable=False),
    sa.Column('article_id', sa.String(), nullable=False),
    sa.Column('old', stonehand.db.Json, nullable=True),
    sa.Column('new', stonehand.db.Json, nullable=True),
    sa.Column('differs', sa.Boolean(), nullable=False),
    sa.Column('kept', sa.String(), nullable=False),
    sa.Column('error', sa.String(), nullable=False),
    sa.CheckConstraint("kept IN ('', 'old', 'new')", name=op.f('ck_rubric_trial_items_kept_known')),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_rubric_trial_items_article_id_articles'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['trial_id'], ['rubric_trials.id'], name=op.f('fk_rubric_trial_items_trial_id_rubric_trials'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('trial_id', 'article_id', name=op.f('pk_rubric_trial_items'))
    )
    op.create_index('ix_rubric_trial_items_article_id', 'rubric_trial_items', ['article_id'], unique=False)
    op.add_column('analyses', sa.Column('described', sa.Integer(), server_default='0', nullable=False))
    op.create_index('ix_analyses_described_article_id', 'analyses', ['described', 'article_id'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_analyses_described_article_id', 'analyses')
    op.drop_column('analyses', 'described')
    for table in ('rubric_trial_items', 'rubric_scores', 'rubric_judgements', 'descriptions', 'article_topics',
                  'rubric_versions', 'rubric_trials', 'rubric_calibrations', 'rubrics', 'label_vectors'):
        op.drop_table(table)
