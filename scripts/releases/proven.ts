import type { KeptShop, ProvenShop } from './kept-shop.ts'
import { tryShop } from './trial.ts'

/**
 * The shop with the results of this program, and with the answers that each repetition gets: the first one alone had
 * the key of a register, or was early. Otherwise the reason why it can be held to nothing.
 */
export async function proven(shop: KeptShop): Promise<ProvenShop | string> {
  try {
    const { answers, findings, exports, sold } = await tryShop(shop)
    if (findings.length > 0) return `journal verify reports ${findings.join(', ')}`
    const exchanges = shop.exchanges.flatMap((exchange, at) => {
      const again = answers[at]
      return again?.isReplay === true ? [{ ...exchange, status: again.status, answer: again.answer }] : []
    })
    return { ...shop, exchanges, findings, exports, sold }
  } catch (error) {
    return String(error)
  }
}
