import { systemClock } from '../../base/clock.ts'
import { RchSimulator } from '../../drivers/rt-rch/simulator.ts'

// A simulated RCH printer in a separate process, which sends its port: node printer.ts FOLDER.
const simulator = new RchSimulator({ directory: process.argv[2] ?? '', clock: systemClock })
simulator.open()
process.send?.({ port: await simulator.serveTcp(0) })
process.on('disconnect', () => process.exit(0))
