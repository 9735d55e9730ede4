import { systemClock, within } from '../../../base/clock.ts'
import { codeOf, messageOf } from '../../../base/thrown.ts'
import type { Technician } from '../daemon/admin-client.ts'
import { member } from '../daemon/admin-client.ts'
import type { Finding } from './finding.ts'
import { caution, failure, ok } from './finding.ts'

/** Limit for a printer that searches its memory. */
const LIMIT_MS = 10_000
const NOT_COMPARED = 'not compared'
const NOT_ASKED = 'not asked, the agent does not run'
const PROVEN =
  'find out what was lost, changed or set back before anything else is done with it: keep this disk as it is'

const LOOK = 'fiskal-edge device last-document shows both; note it for the accountant'

type Asked = Pick<Technician, 'devices' | 'deviceAct'>

/** Compares those printers that can be compared now; the doctor has a connection to the agent already. */
export async function comparedPrinters(technician: Asked, printers: readonly string[]): Promise<Finding[]> {
  const findings = await Promise.all(printers.map((id) => findingOf(technician, id)))
  return findings.flat().filter(({ message }) => !message.startsWith(NOT_COMPARED))
}

/**
 * A line for each device that counts: whether the journal contains everything up to its counters. Works only through a
 * running agent.
 */
export async function comparedDevices(technician: Asked | undefined): Promise<Finding[]> {
  if (technician === undefined) return [caution('devices', NOT_ASKED, 'once it runs: fiskal-edge journal verify')]
  const devices = await technician.devices()
  const findings = await Promise.all(devices.map((device) => findingOf(technician, String(member(device, 'id')))))
  return findings.flat()
}

async function findingOf(technician: Asked, id: string): Promise<Finding[]> {
  let findings = [notCompared(id, `it did not answer within ${LIMIT_MS / 1000} s`)]
  const asked = answered(technician, id).then((told) => {
    findings = told
  })
  await within(systemClock, LIMIT_MS, asked)
  return findings
}

async function answered(technician: Asked, id: string): Promise<Finding[]> {
  try {
    const answer = await technician.deviceAct(id, 'compare')
    if (answer === null) return []
    const [agrees, told, code] = ['agrees', 'message', 'code'].map((name) => member(answer, name))
    const message = typeof code === 'string' ? `${told} (${code})` : String(told)
    if (agrees === true) return [ok(id, message)]
    if (agrees === false) return [failure(id, message, PROVEN)]
    return [typeof code === 'string' ? caution(id, message, LOOK) : notCompared(id, message)]
  } catch (error) {
    // The running agent may be older than this command.
    const why = codeOf(error) === 'invalid_request' ? 'the running agent does not know how' : messageOf(error)
    return [notCompared(id, why)]
  }
}

function notCompared(id: string, why: string): Finding {
  return caution(id, `${NOT_COMPARED}: ${why}`, `fiskal-edge device status ${id}`)
}
