import { expect, test } from 'vitest'
import { DieboldBox } from '../../../drivers/tse-diebold/box.ts'
import { decodeRequests } from '../../../drivers/tse-diebold/codec.ts'
import { DieboldLine } from '../../../drivers/tse-diebold/line.ts'
import { ManualClock } from '../../manual-clock.ts'
import { ScriptedLink } from '../links/scripted-link.ts'
import { answerTo } from './played-unit.ts'

/** A unit on a slow line: each tenth of a second brings forty bytes of its answers. Pieces are of 2,000. */
class SlowLink extends ScriptedLink {
  readonly #clock: ManualClock
  #coming: Buffer = Buffer.alloc(0)

  constructor(clock: ManualClock) {
    super()
    this.#clock = clock
  }

  override async write(bytes: Uint8Array): Promise<void> {
    this.written.push('')
    for (const request of decodeRequests(Buffer.from(bytes)).requests) {
      const piece = ['1', request.parameters[1] ?? '', 'ff', '02000', Buffer.alloc(2000, 'A')]
      this.#coming = Buffer.concat([
        this.#coming,
        answerTo(request, request.command === '004' ? piece : ['0000', '00']),
      ])
    }
  }

  override async read(): Promise<Buffer | undefined> {
    await this.#clock.advance(100)
    const chunk = this.#coming.subarray(0, 40)
    this.#coming = this.#coming.subarray(40)
    return chunk.length === 0 ? undefined : chunk
  }
}

test('a piece that takes longer than an answer may take is accepted while its bytes keep coming', async () => {
  const clock = new ManualClock()
  const link = new SlowLink(clock)
  const line = new DieboldLine({ box: new DieboldBox(link, clock), clock, replyMs: 1500, longMs: 1500 })
  expect((await line.piece(1, 3)).data).toHaveLength(2000)
  expect(link.written).toHaveLength(1)
})
