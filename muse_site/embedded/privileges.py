"""How to run Postgres when we are root, which it refuses to be.

A user namespace that maps us to `nobody` is best, for files stay ours. Where the machine forbids it (many
containers do), Postgres runs as `nobody` itself and is given its folders.
"""

import functools
import os
import shutil
import subprocess
from pathlib import Path

from muse_site.embedded.errors import EmbeddedServiceError

NOBODY = 65534
_NAMESPACE = ["unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}"]
_AS_NOBODY = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]


@functools.cache
def unprivileged_prefix() -> tuple[str, ...]:
    """What to put before a command so that it does not run as root; empty when we are not root.

    Raises:
        EmbeddedServiceError: we are root and there is no way to be anybody else.
    """
    if os.getuid() != 0:
        return ()
    for prefix in (_NAMESPACE, _AS_NOBODY):
        if shutil.which(prefix[0]) and subprocess.run([*prefix, "true"], capture_output=True).returncode == 0:
            return tuple(prefix)
    raise EmbeddedServiceError(
        "user: expected one that is not root, for Postgres refuses to run as root, and neither unshare nor "
        "setpriv work here. Run MUSE as another user, or set DATABASE_URL to a Postgres of your own."
    )


def hand_over(directory: Path) -> None:
    """Give a folder and all in it to the user that Postgres will run as, where that is not us."""
    if unprivileged_prefix()[:1] != ("setpriv",):
        return
    os.chown(directory, NOBODY, NOBODY)
    for path in directory.rglob("*"):
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
