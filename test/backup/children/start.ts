import { Bench } from '../../e2e/bench.ts'

// Starts the agent on a state without its devices, and kills itself at the n-th point that it reaches; ends 0 if there are
// fewer. With `daemon` it compares the file of its journal.
const [state = '', deadly = '1', as] = process.argv.slice(2)
let reached = 0

function atPoint(): void {
  if (++reached === Number(deadly)) process.kill(process.pid, 'SIGKILL')
}

const machine = as === 'daemon' ? { machine: () => ({ id: 'a'.repeat(32), parts: [] }) } : {}
const bench = await Bench.open({ config: { state, devices: [] }, atPoint, ...machine })
await bench.stop()
