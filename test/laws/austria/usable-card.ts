import type { Usable } from '../../../agent/devices/usable.ts'
import type { SignatureCard, SignatureCardIdentity } from '../../../drivers/ports/signature-card.ts'

/** The unit of that id as the law uses it: down once it has reported an error. */
export function usableCard(
  id: string,
  cards: ReadonlyMap<string, SignatureCard>,
  down: Set<string>,
  identity?: SignatureCardIdentity,
): Usable<SignatureCard> | undefined {
  const unit = cards.get(id)
  if (!unit) return undefined
  const report = () => void down.add(id)
  return { unit, usable: !down.has(id), identity, trouble: undefined, report, worked: () => undefined }
}
