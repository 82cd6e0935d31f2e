"""Storm: the exact share in the long run, from a chain of four states."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from experiments.peers.question import MTBF_H, MTTR_H, NODES

_CHAIN = f"""ctmc
module nodes
  down : [0..{NODES}] init 0;
  [] down < {NODES} -> ({NODES} - down) / {MTBF_H} : (down' = down + 1);
  [] down > 0 -> down / {MTTR_H} : (down' = down - 1);
endmodule
label "failed" = down >= 2;
"""


def exact() -> float:
    """The share of time that the system is not available."""
    import stormpy

    with TemporaryDirectory(prefix="storm-") as place:
        path = Path(place) / "nodes.sm"
        path.write_text(_CHAIN)
        program = stormpy.parse_prism_program(str(path), prism_compatibility=True)
    properties = stormpy.parse_properties('LRA=? ["failed"]', program)
    model = stormpy.build_model(program, properties)
    found = stormpy.model_checking(model, properties[0])
    return float(found.get_value(model.initial_states[0]))
