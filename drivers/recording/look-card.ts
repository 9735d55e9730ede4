import { DeviceError } from '../errors.ts'
import type { SignatureCard } from '../ports/signature-card.ts'
import type { Say } from './step.ts'
import { step } from './step.ts'
import { isForTests } from './test-unit.ts'

/** Token and certificates, without a login; undefined after a refusal. */
export function lookCard(card: SignatureCard, say: Say) {
  return step(say, 'asks for the token and its certificates', async (report) => {
    if (card.inspect === undefined) throw new DeviceError('refused', 'none', 'it is a unit in software')
    const seen = await card.inspect()
    report(`${seen.description}, ${seen.certificates.length} certificates`)
    return seen
  })
}

/** The reason why nothing is recorded of this card; undefined for a test card. The certificate of another names its owner. */
export function refusalOfCard(certificates: readonly Uint8Array[]): string | undefined {
  return certificates.length > 0 && certificates.every(isForTests) ? undefined : 'it is not a test card'
}
