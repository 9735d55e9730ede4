import { Bench } from '../../e2e/bench.ts'

// Starts the agent on a state without its devices, and kills itself at the n-th point that it reaches; ends 0 if there are
// fewer. With `daemon` it compares the file of its journal, and asks the file target of that folder, if there is one.
const [state = '', deadly = '1', as, folder] = process.argv.slice(2)
let reached = 0

function atPoint(): void {
  if (++reached === Number(deadly)) process.kill(process.pid, 'SIGKILL')
}

const machine = as === 'daemon' ? { machine: () => ({ id: 'a'.repeat(32), parts: [] }) } : {}
const sync = folder === undefined ? {} : { sync: { targets: [{ id: 'disk', kind: 'file', folder }] } }
const bench = await Bench.open({ config: { state, devices: [], ...sync }, atPoint, ...machine })
await bench.stop()
