import { DeviceError } from '../errors.ts'
import type { SignatureCard } from '../ports/signature-card.ts'
import type { Say } from './step.ts'
import { step } from './step.ts'

/** Token and certificates, without a login. Returns the certificates. */
export async function lookCard(card: SignatureCard, say: Say): Promise<readonly Uint8Array[]> {
  const seen = await step(say, 'asks for the token and its certificates', async (tell) => {
    if (card.inspect === undefined) throw new DeviceError('refused', 'none', 'it is a unit in software')
    const { description, certificates } = await card.inspect()
    tell(`${description}, ${certificates.length} certificates`)
    return certificates
  })
  return seen ?? []
}
