import type { Config } from '../../config/config.ts'
import { machineOf } from '../service/drives.ts'
import { dropIn } from '../service/drop-in.ts'
import type { System } from '../service/files.ts'
import { at, CONFIG, DROP_IN, installedUnit, readable, UNIT, unitText } from '../service/files.ts'
import { isLive, show } from '../service/host.ts'
import type { Finding } from './finding.ts'
import { caution, failure, ok } from './finding.ts'

const RESTARTS_SHOWN = 3

/** The unit as it is installed, against this program and its configuration. Nothing where none is. */
export function checkService(config: Config, file: string | undefined, system: System = { root: '/' }): Finding[] {
  const unit = installedUnit(system)
  // A configuration of one's own beside the service has nothing to do with it.
  if (unit === undefined || file !== at(system, CONFIG)) return []
  const findings: Finding[] = []
  const edited = firstDifference(unit.text, unitText())
  if (edited !== undefined) {
    findings.push(
      caution(
        'service',
        `${unit.path} was edited (${edited})`,
        'own changes belong to "systemctl edit fiskal-edge"; fiskal-edge service install writes the unit anew',
      ),
    )
  }
  const wanted = dropIn(config, CONFIG, machineOf(system))
  if (readable(at(system, DROP_IN)) !== wanted) {
    findings.push(
      caution(
        'service',
        'the unit does not know this configuration (secrets, addresses, folders)',
        'fiskal-edge service install',
      ),
    )
  }
  if (isLive(system)) findings.push(...checkRun())
  return findings.length > 0 ? findings : [ok('service', `${UNIT} is as it should be`)]
}

function firstDifference(found: string, wanted: string): string | undefined {
  const settings = (text: string): string[] => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const [have, want] = [settings(found), settings(wanted)]
  return (
    have.find((line) => !want.includes(line)) ??
    want.filter((line) => !have.includes(line)).map((line) => `without ${line}`)[0]
  )
}

function checkRun(): Finding[] {
  const state = show('ActiveState')
  const restarts = Number(show('NRestarts'))
  if (state === 'failed')
    return [
      failure(
        'service',
        `${UNIT} has failed: ${show('StatusText')}`,
        // Behind ten starts in 300 s systemd refuses a further one until then, or until it is told to forget them.
        `journalctl -u ${UNIT} -n 20, then: systemctl reset-failed fiskal-edge; systemctl restart fiskal-edge`,
      ),
    ]
  if (state === 'activating') return [waiting(show('StatusText'))]
  if (state !== 'active') return [caution('service', `${UNIT} is ${state}`, 'systemctl start fiskal-edge')]
  if (show('UnitFileState') !== 'enabled')
    return [caution('service', `${UNIT} does not start with the machine`, 'systemctl enable fiskal-edge')]
  if (restarts >= RESTARTS_SHOWN)
    return [caution('service', `${UNIT} ended ${restarts} times by itself`, `journalctl -u ${UNIT} -n 50 tells why`)]
  return []
}

/** It starts, waits for what it says, or ended a moment ago and is started again. */
function waiting(status: string): Finding {
  return status === ''
    ? caution('service', `${UNIT} is activating`, 'wait a moment, then look again')
    : caution('service', `${UNIT} is activating: ${status}`, 'it goes on by itself once that is mended')
}
