// Shows a PIN to a unit and is killed before the answer: node killed-in-login.ts FOLDER PIN
import { createHmac } from 'node:crypto'
import { setInterval } from 'node:timers'
import { systemClock } from '../../../base/clock.ts'
import { RefusedPins } from '../../../drivers/refused-pins.ts'

const [folder = '', pin = ''] = process.argv.slice(2)

function fingerprint(text: string): string {
  return createHmac('sha256', 'the key of an agent').update(text).digest('hex')
}
await new RefusedPins(folder, { fingerprint }, systemClock).logIn('admin', pin, () => {
  process.kill(process.pid, 'SIGKILL')
  return new Promise(() => setInterval(() => undefined, 1000))
})
