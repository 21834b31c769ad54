"""prompts with versions, rehearsals of them, and how a revision came to be."""

from alembic import op
import sqlalchemy as sa
import stonehand.db

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('prompts',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('slug', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('purpose', sa.String(), nullable=False),
    sa.Column('description', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('retired_at', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('made_by', sa.String(), nullable=False),
    sa.Column('created_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_prompts')),
    sa.UniqueConstraint('slug', name=op.f('uq_prompts_slug'))
    )
    op.create_table('prompt_defaults',
    sa.Column('purpose', sa.String(), nullable=False),
    sa.Column('prompt_id', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('purpose', name=op.f('pk_prompt_defaults'))
    )
    op.create_table('prompt_versions',
    sa.Column('prompt_id', sa.String(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('template', sa.String(), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('made_by', sa.String(), nullable=False),
    sa.Column('created_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['prompt_id'], ['prompts.id'], name=op.f('fk_prompt_versions_prompt_id_prompts'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('prompt_id', 'number', name=op.f('pk_prompt_versions'))
    )
    op.create_table('rehearsals',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('prompt_id', sa.String(), nullable=False),
    sa.Column('prompt', sa.String(), nullable=False),
    sa.Column('purpose', sa.String(), nullable=False),
    sa.Column('template', sa.String(), nullable=False),
    sa.Column('against', sa.String(), nullable=False),
    sa.Column('against_template', sa.String(), nullable=False),
    sa.Column('instructions', stonehand.db.Json, nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('most', sa.Integer(), nullable=False),
    sa.Column('cap_micro', sa.BigInteger(), nullable=False),
    sa.Column('spent_micro', sa.BigInteger(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('report', stonehand.db.Json, nullable=False),
    sa.Column('error', sa.String(), nullable=False),
    sa.Column('made_by', sa.String(), nullable=False),
    sa.Column('user_id', sa.String(), nullable=False),
    sa.Column('created_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('finished_at', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.CheckConstraint("kind IN ('try', 'replay')", name=op.f('ck_rehearsals_kind_known')),
    sa.CheckConstraint("state IN ('waiting', 'running', 'done', 'capped', 'failed')", name=op.f('ck_rehearsals_state_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rehearsals'))
    )
    op.create_index('ix_rehearsals_prompt_id', 'rehearsals', ['prompt_id'], unique=False)
    op.create_table('rehearsal_items',
    sa.Column('rehearsal_id', sa.String(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('story_id', sa.String(), nullable=False),
    sa.Column('draft_id', sa.String(), nullable=False),
    sa.Column('article_id', sa.String(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('old', stonehand.db.Json, nullable=True),
    sa.Column('new', stonehand.db.Json, nullable=True),
    sa.Column('error', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['rehearsal_id'], ['rehearsals.id'], name=op.f('fk_rehearsal_items_rehearsal_id_rehearsals'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('rehearsal_id', 'position', name=op.f('pk_rehearsal_items'))
    )
    with op.batch_alter_table('revisions', schema=None) as batch_op:
        batch_op.add_column(sa.Column('provenance', stonehand.db.Json, server_default='{}', nullable=False))


def downgrade() -> None:
    with op.batch_alter_table('revisions', schema=None) as batch_op:
        batch_op.drop_column('provenance')
    for table in ('rehearsal_items', 'rehearsals', 'prompt_versions', 'prompt_defaults', 'prompts'):
        op.drop_table(table)
