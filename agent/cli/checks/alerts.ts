import { channelsOf } from '../../../alerts/channels.ts'
import type { Channel } from '../../../alerts/message.ts'
import { systemClock } from '../../../base/clock.ts'
import { codeOf, messageOf } from '../../../base/thrown.ts'
import { packageVersion } from '../../../base/version.ts'
import type { Config } from '../../config/config.ts'
import { secretReader } from '../../config/credentials.ts'
import { channelRemedy } from './channel-remedies.ts'
import type { Finding } from './finding.ts'
import { caution, failure, ok } from './finding.ts'

const CHECK = 'alerts'

/** Reaches each channel and sends nothing: name, connection, certificate, login. */
export async function checkAlerts({ alerts, webhooks }: Pick<Config, 'alerts' | 'webhooks'>): Promise<Finding[]> {
  const channels = channelsOf(
    { ...alerts, webhooks },
    {
      readSecret: secretReader(undefined),
      clock: systemClock,
      agent: { id: '', version: packageVersion() },
      pageUrl: () => undefined,
      isTrial: () => false,
    },
  )
  if (channels.length === 0)
    return [
      caution(
        CHECK,
        'no channel: no one is notified',
        'add "webhooks" or "alerts" to the configuration: docs/alerts.md',
      ),
    ]
  return Promise.all(channels.map(checkChannel))
}

async function checkChannel(channel: Channel): Promise<Finding> {
  const name = `${channel.id} (${channel.address})`
  try {
    return ok(CHECK, `${name}: ${await channel.probe(new AbortController().signal)}`)
  } catch (error) {
    return failure(CHECK, `${name}: ${messageOf(error)}`, channelRemedy(channel.kind, channel.id, codeOf(error)))
  }
}
