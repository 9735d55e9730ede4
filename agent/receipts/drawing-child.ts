import { serveCalls } from '../../base/child/serve.ts'
import { ReceiptRenderer } from './renderer.ts'

const renderer = new ReceiptRenderer()
const acts: Pick<ReceiptRenderer, 'render'> = { render: (...job) => renderer.render(...job) }
serveCalls({ acts, left: (own) => own.exit() })
