"""Every kind of channel that keeps the contract, by name. A new kind adds a line."""

from __future__ import annotations

from collections.abc import Mapping

from tests.channels.contract.bench import Bench
from tests.channels.contract.dry_run_bench import DryRunBench
from tests.channels.contract.folder_bench import FolderBench
from tests.channels.contract.ghost_bench import GhostBench
from tests.channels.contract.git_bench import GitBench
from tests.channels.contract.listmonk_bench import ListmonkBench
from tests.channels.contract.mastodon_bench import MastodonBench
from tests.channels.contract.static_site_bench import StaticSiteBench
from tests.channels.contract.webhook_bench import WebhookBench
from tests.channels.contract.wordpress_bench import WordPressBench

BENCHES: Mapping[str, type[Bench]] = {
    "dry-run": DryRunBench,
    "folder": FolderBench,
    "ghost": GhostBench,
    "git": GitBench,
    "listmonk": ListmonkBench,
    "mastodon": MastodonBench,
    "static-site": StaticSiteBench,
    "webhook": WebhookBench,
    "wordpress": WordPressBench,
}
