import { DeviceError } from '../errors.ts'
import type { SignatureCard } from '../ports/signature-card.ts'
import type { Say } from './step.ts'
import { step } from './step.ts'

type SeenCard = { description: string; certificates: readonly Uint8Array[] }

/** Asks for token and certificates, without a login; undefined if that was refused. */
export function lookCard(card: SignatureCard, say: Say): Promise<SeenCard | undefined> {
  return step(say, 'asks for the token and its certificates', async (tell) => {
    if (card.inspect === undefined) throw new DeviceError('refused', 'none', 'it is a unit in software')
    const seen = await card.inspect()
    tell(`${seen.description}, ${seen.certificates.length} certificates`)
    return seen
  })
}
