import type { Printout, PrintoutType } from '../contract/printout.ts'

/** Printouts of a law's device between two documents; no document and no event comes of them. */
export type Printouts = {
  /**
   * Called between two documents of the device. Throws FiskalError with effect `none`, also if the reply was lost: a
   * second copy is harmless. Only the last document of the register itself is copied.
   */
  print(device: string, type: PrintoutType, register: string): Promise<Pick<Printout, 'totals' | 'document_number'>>
}
