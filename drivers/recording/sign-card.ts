import { DeviceError } from '../errors.ts'
import type { SignatureCard, SignatureCardIdentity } from '../ports/signature-card.ts'
import { lookCard, refusalOfCard } from './look-card.ts'
import type { Say } from './step.ts'
import { step } from './step.ts'

/** The signed texts, and the card that signed them. */
export type CardProof = {
  identity: SignatureCardIdentity
  signed: readonly { message: Uint8Array; signature: Uint8Array }[]
}

const SIGNATURES = 5

/** Signs five texts, none of them a receipt. Throws `refused` none unless it is a test card. */
export async function signCard(card: SignatureCard, say: Say): Promise<CardProof> {
  const refusal = refusalOfCard((await lookCard(card, say))?.certificates ?? [])
  if (refusal !== undefined) throw new DeviceError('refused', 'none', refusal)
  await card.open()
  const identity = await card.identity()
  const signed: { message: Uint8Array; signature: Uint8Array }[] = []
  for (let count = 1; count <= SIGNATURES; count += 1) {
    const message = Buffer.from(`fiskal-edge device prove: no receipt, text ${count}`)
    await step(say, `signs text ${count}`, async (tell) => {
      signed.push({ message, signature: await card.sign(message, { serial: identity.serial }) })
      tell('signed')
    })
  }
  return { identity, signed }
}
