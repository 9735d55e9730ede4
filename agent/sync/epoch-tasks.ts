import type { Journal } from '../journal/journal.ts'
import type { Task } from '../laws/law.ts'

type Texts = { title: string; instructions: readonly string[] }

const CHAINED =
  'Austria: receipts that are missing break the chain of their register. Stop that till, end the register and make a new one; report the failure in FinanzOnline.'
const NUMBERED =
  'Germany: "device adopt" gives transactions that a TSE has signed their receipt numbers back, best before the next sale; the DSFinV-K has them by VAT rate and payment. Receipts that no TSE signed or that tse-pkcs11 did (its logs are on the disk of the journal), and closings, leave their numbers to later ones, which bear them a second time. If there were any, keep the books apart: end the register after its session and make a new one; report both to the tax office.'
const PRINTED =
  'Italy: the printer has each document and continues to count; the journal does not contain those sales and their cash, by which the next count differs: "fiskal-edge device last-document ID" names where printer and journal end. Compare the documents between the two with the paper, sell nothing twice, and note it for the accountant. Goods of these sales that come back later are a return with the number on the paper.'
const OF_LAWS = [NUMBERED, CHAINED, PRINTED]

/** By the reason of an epoch before which events may be missing. */
const TEXTS: ReadonlyMap<unknown, Texts> = new Map(
  Object.entries<Texts>({
    restore: {
      title: 'Find out what was sold between the last backup and its restore',
      instructions: [
        'Germany: a TSE that is foreign now has signed more: "fiskal-edge device adopt ID" takes it over; its archive (export tse_tar) has all of it, except that of tse-pkcs11.',
        ...OF_LAWS,
        'Export the part of the journal that a sync target or a disk still has, and keep it with the books.',
      ],
    },
    rollback: {
      title: 'The disk was rolled back: find out what is missing',
      instructions: [
        'A sync target holds events that this disk has lost: export its journal and keep it with the books.',
        'Look for the cause: a snapshot of a virtual machine, a copied state directory. Move with fiskal-edge backup FILE and restore FILE.',
        ...OF_LAWS,
      ],
    },
    fork: {
      title: 'Two copies of this journal have sold: find the other one',
      instructions: [
        'A sync target holds other events than this disk: a disk was rolled back, or a second machine runs with a copy.',
        'Stop the other machine; keep both disks; export the journal of both, and that of the target.',
        ...OF_LAWS,
      ],
    },
  }),
)

/**
 * Tasks for a person because the journal continues without some earlier events; each stays until somebody confirms it.
 */
export function epochTasks(journal: Pick<Journal, 'chains' | 'view'>): Task[] {
  return journal.chains.flatMap(({ epoch, base, opening }) => {
    const { reason, lost } = opening
    const texts = TEXTS.get(reason)
    if (texts === undefined || (reason === 'restore' && lost !== 'unknown')) return []
    const due = journal.view.event(base + 1)?.at.slice(0, 10) ?? ''
    return [{ id: `epoch-${epoch}`, ...texts, due }]
  })
}
