"""How files stand on each other; `lint-imports` holds the order of folders, this that of files."""

from graphlib import TopologicalSorter

import grimp


def test_files__imports_in_functions_too__go_in_no_circle() -> None:
    graph = grimp.build_graph("tenants", "scoring", "models_app", "muse_site", exclude_type_checking_imports=True)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    TopologicalSorter(imports).prepare()  # raises CycleError, which names the files
