import { said } from '../../process/said.ts'
import type { Finding } from './finding.ts'
import { caution, ok } from './finding.ts'

const CHECK = 'time source'
const NO_ANSWER =
  'let UDP 123 out, or name a time server of the shop in /etc/systemd/timesyncd.conf (chrony: chrony.conf)'

/** Checks that a service keeps this machine's clock right: signatures, receipts and month ends depend on it. */
export async function checkTimeSource(env: NodeJS.ProcessEnv = process.env): Promise<Finding> {
  const [kernel, chrony] = await Promise.all([
    // timedatectl(1): the kernel's own flag (adjtimex), whichever program sets the clock.
    said(env, 'timedatectl', 'show', '--property=NTP', '--property=NTPSynchronized'),
    // chronyc(1), comma separated: the last column is the state of the leap second, "Not synchronised" without a source.
    said(env, 'chronyc', '-c', 'tracking'),
  ])
  if (kernel?.includes('NTPSynchronized=yes')) return ok(CHECK, 'the clock is synchronised')
  if (chrony !== undefined) {
    return chrony.endsWith('Not synchronised')
      ? caution(CHECK, 'chrony has no time server that answers', NO_ANSWER)
      : ok(CHECK, 'the clock is synchronised by chrony')
  }
  if (kernel?.includes('NTP=yes')) return caution(CHECK, 'no time server has answered since the start', NO_ANSWER)
  if (kernel?.includes('NTP=no')) {
    const remedy = 'timedatectl set-ntp true (if it refuses: apt-get install systemd-timesyncd)'
    return caution(CHECK, 'nothing sets this clock: it runs away by seconds a day', remedy)
  }
  const remedy = 'in a container check the clock of its host; elsewhere install systemd-timesyncd or chrony'
  return caution(CHECK, 'unknown: neither timedatectl nor chronyc is available', remedy)
}
