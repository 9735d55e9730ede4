import type { Config } from '../../agent-config.ts'
import { mountPointsOf } from '../service/drives.ts'
import { dropIn } from '../service/drop-in.ts'
import type { System } from '../service/files.ts'
import { at, CONFIG, DROP_IN, installedUnit, readable, UNIT, UNITS, unitText } from '../service/files.ts'
import { foundDropIns, handedUnits, instanceDropIns, wayIn } from '../service/handed-files.ts'
import { isLive, show } from '../service/host.ts'
import type { Finding } from './finding.ts'
import { caution, failure, ok } from './finding.ts'
import { checkHanded } from './handed-files.ts'

const RESTARTS_SHOWN = 3

/** The installed unit, compared with this program and its configuration. Empty if no unit is installed. */
export function checkService(config: Config, file: string | undefined, system: System = { root: '/' }): Finding[] {
  // A separate configuration does not belong to the service.
  if (installedUnit(system) === undefined || file !== at(system, CONFIG)) return []
  const findings = UNITS.flatMap((name) => {
    const unit = installedUnit(system, name)
    if (unit === undefined) return [caution('service', `${name} is not installed`, 'fiskal-edge service install')]
    const edited = firstDifference(unit.text, unitText(name))
    if (edited === undefined) return []
    const remedy = `own changes belong to "systemctl edit ${name}"; fiskal-edge service install writes the unit again`
    return [caution('service', `${unit.path} was edited (${edited})`, remedy)]
  })
  const handed = handedUnits(config, wayIn(system))
  const wanted = new Map([[DROP_IN, dropIn(config, CONFIG, handed, mountPointsOf(system))], ...instanceDropIns(handed)])
  const isCurrent = [...wanted].every(([place, text]) => readable(at(system, place)) === text)
  if (!isCurrent || foundDropIns(system).some((place) => !wanted.has(place))) {
    findings.push(
      caution(
        'service',
        'the unit does not know this configuration (secrets, addresses, folders)',
        'fiskal-edge service install',
      ),
    )
  }
  findings.push(...checkHanded(config, system, handed))
  if (isLive(system)) findings.push(...checkRun())
  return findings.length > 0 ? findings : [ok('service', `${UNIT} is as it should be`)]
}

function firstDifference(present: string, wanted: string): string | undefined {
  const settings = (text: string): string[] => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const [have, want] = [settings(present), settings(wanted)]
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
        `journalctl -u ${UNIT} -n 20, then: systemctl reset-failed fiskal-edge; systemctl restart fiskal-edge`,
      ),
    ]
  if (state === 'activating') return [waiting(show('StatusText'))]
  if (state !== 'active') return [caution('service', `${UNIT} is in the state ${state}`, 'systemctl start fiskal-edge')]
  if (show('UnitFileState') !== 'enabled')
    return [caution('service', `${UNIT} does not start with the machine`, 'systemctl enable fiskal-edge')]
  if (restarts >= RESTARTS_SHOWN)
    return [caution('service', `${UNIT} ended ${restarts} times on its own`, `journalctl -u ${UNIT} -n 50 shows why`)]
  return []
}

/** The unit is starting, waits for the reason in its status, or has just ended and restarts. */
function waiting(status: string): Finding {
  return status === ''
    ? caution('service', `${UNIT} is activating`, 'wait a moment, then look again')
    : caution('service', `${UNIT} is activating: ${status}`, 'it continues automatically once that is fixed')
}
