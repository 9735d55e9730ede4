import { obeyParentAlone } from '../../base/child/serve.ts'
import type { ReceiptModel, ReceiptQuery } from '../contract/receipt.ts'
import { FiskalError } from '../errors.ts'
import type { ReceiptForm, RenderedReceipt } from './renderer.ts'
import { ReceiptRenderer } from './renderer.ts'

export type DrawingJob = { id: number; model: ReceiptModel; form: ReceiptForm; query: ReceiptQuery }
export type DrawingAnswer =
  | { id: number; rendered: RenderedReceipt }
  | { id: number; refusal: { code: FiskalError['code']; message: string; details: FiskalError['details'] } }
  | { id: number; failure: string }

// biome-ignore lint/style/noRestrictedGlobals: the entry of a child process speaks through its own process object
const own = process
obeyParentAlone(own)
const renderer = new ReceiptRenderer()
own.once('disconnect', () => own.exit())
own.on('message', (job: DrawingJob) => own.send?.(answer(job)))

function answer({ id, model, form, query }: DrawingJob): DrawingAnswer {
  try {
    return { id, rendered: renderer.render(model, form, query) }
  } catch (error) {
    if (!(error instanceof FiskalError)) return { id, failure: String(error) }
    const { code, message, details } = error
    return { id, refusal: { code, message, details } }
  }
}
