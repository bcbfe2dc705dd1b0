export const HELP = `How many encrypted participants does a deployment carry, and what breaks first?

  npm run loadtest -- SCENARIO [options]      a ready-made one by name, or a file
  npm run loadtest -- agent HOST:PORT --token T   join a run from another machine
  npm run loadtest -- --compare a.json b.json     what became better or worse

Target (without one, a service of its own is started on loopback):
  --url URL            a deployment; rooms are made for the run
  --link LINK          one room of a deployment, by its invitation
  --metrics URL        its metrics endpoint, for processor and memory
  --workers N          media workers of the service of its own

Load:
  --rooms N, --participants N, --duration S   in place of the scenario's
  --browsers N         real Chromiums in the first room, to compare with
  --engine E           auto, portable or native
  --agents N           processes on this machine (0 with remote ones alone)
  --remote-agents N    agents of other machines to wait for
  --listen HOST:PORT   where they reach this one; --token T: their key
  --no-seal            frames as they are, to measure what sealing costs

Report:
  --json FILE, --junit FILE, --html FILE
  --despite-saturation judge thresholds even if the generator was the limit
  --allow-commands     let the scenario's steps run commands

Ends with 0 (passed), 1 (a threshold broke), 2 (misused), 3 (the generator was the limit) or
130 (interrupted).
`;
