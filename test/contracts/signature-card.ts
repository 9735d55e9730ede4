import { verify, X509Certificate } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SignatureCard } from '../../drivers/ports/signature-card.ts'

/** A virgin unit with its driver, not yet opened. */
export type CardBench = {
  card: SignatureCard
  /** Closes nothing: gives another driver over the same unit, as after a restart of the agent. */
  reopen(): Promise<SignatureCard>
  /** Pulls the card out of its reader, and puts it back. */
  pull(): Promise<void>
  putBack(): Promise<void>
  destroy(): Promise<void>
}

const message = Buffer.from('eyJhbGciOiJFUzI1NiJ9.X1IxLUFUMV9HVy1BVC0wMDFfMQ')

/** The rules for every driver of a signature card. */
export function describeCard(name: string, factory: () => Promise<CardBench>): void {
  describe(`${name} as a signature card`, () => {
    let bench: CardBench
    let card: SignatureCard

    beforeEach(async () => {
      bench = await factory()
      card = bench.card
      await card.initialise()
      await card.open()
    })
    afterEach(() => bench.destroy())

    test('signs SHA-256 of the message with the key of its certificate: R‖S, 64 bytes', async () => {
      const signature = await card.sign(message)
      expect(signature).toHaveLength(64)
      expect(await verifies(card, message, signature)).toBe(true)
      expect(await verifies(card, Buffer.from('another message'), signature)).toBe(false)
    })

    test('a repeated signature is another one and just as good', async () => {
      const [first, second] = [await card.sign(message), await card.sign(message)]
      expect(Buffer.from(first).equals(second)).toBe(false)
      expect(await verifies(card, message, second)).toBe(true)
    })

    test('long and empty messages are signed as they are', async () => {
      for (const one of [Buffer.alloc(0), Buffer.alloc(20_000, 7)])
        expect(await verifies(card, one, await card.sign(one))).toBe(true)
    })

    test('the identity is the serial number of the certificate, lower-case hex, with the issuers above it', async () => {
      const { serial, vda, certificates } = await card.identity()
      expect(serial).toMatch(/^[1-9a-f][0-9a-f]*$/)
      expect(vda).toMatch(/^AT(0|[1-9][0-9]{0,2})$/)
      const [leaf, issuer, ...above] = certificates.map((der) => new X509Certificate(der))
      if (!leaf || !issuer) throw new Error('a certificate and its issuer were expected')
      expect(BigInt(`0x${serial}`)).toBe(BigInt(`0x${leaf.serialNumber}`))
      expect(leaf.checkIssued(issuer) && leaf.verify(issuer.publicKey)).toBe(true)
      const root = above.at(-1) ?? issuer
      expect(root.verify(root.publicKey)).toBe(true)
    })

    test('the health reports the end of the certificate and the kind of unit', async () => {
      const { certificateExpiresAtMs, description, initialised } = await card.health()
      expect(certificateExpiresAtMs).toBeGreaterThan(Date.now())
      expect(description.length).toBeGreaterThan(0)
      expect(initialised).toBe(true)
    })

    test('calls of several registers may overlap: each gets the signature for its message', async () => {
      const messages = [1, 2, 3, 4, 5, 6].map((number) => Buffer.from(`receipt ${number}`))
      const signatures = await Promise.all(
        messages.map((one, index) => card.sign(one, { client: `till-${index % 2}` })),
      )
      for (const [index, signature] of signatures.entries())
        expect(await verifies(card, messages[index] ?? message, signature)).toBe(true)
    })

    test('nothing that names another unit is signed', async () => {
      const { serial } = await card.identity()
      expect(await verifies(card, message, await card.sign(message, { serial }))).toBe(true)
      await expect(card.sign(message, { serial: 'abc123' })).rejects.toMatchObject({
        code: 'not_named',
        effect: 'none',
      })
    })

    test('opening and initialising may be repeated and change nothing', async () => {
      const before = await card.identity()
      await card.initialise()
      await card.open()
      expect(await card.identity()).toEqual(before)
    })

    test('a restart keeps key and certificate', async () => {
      const before = await card.identity()
      const signature = await card.sign(message)
      await card.close()
      const again = await bench.reopen()
      await again.open()
      expect(await again.identity()).toEqual(before)
      expect(await verifies(again, message, signature)).toBe(true)
      await again.close()
    })

    test('a card pulled out is unavailable, and signs again when it is back, with no help', async () => {
      await bench.pull()
      await expect(card.sign(message)).rejects.toMatchObject({ name: 'DeviceError', code: 'unavailable' })
      await expect(card.open()).rejects.toMatchObject({ code: 'unavailable' })
      await bench.putBack()
      await card.open()
      expect(await verifies(card, message, await card.sign(message))).toBe(true)
    })

    test('a closed driver begins nothing more', async () => {
      await card.close()
      for (const refused of [card.sign(message), card.open()])
        await expect(refused).rejects.toMatchObject({ code: 'aborted', effect: 'none' })
    })
  })
}

async function verifies(card: SignatureCard, signed: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const [leaf = new Uint8Array()] = (await card.identity()).certificates
  const { publicKey } = new X509Certificate(leaf)
  return verify('sha256', signed, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)
}
