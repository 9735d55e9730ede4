/**
 * The reason why the sync to a target is held up, as a technician sees it; cleared once an event got further, or the
 * target has everything and answers.
 */
export class LastError {
  #present: { code: string; message: string } | undefined
  /** The last event that the target had and lost. */
  #lostAt = 0

  get present(): { readonly code: string; readonly message: string } | undefined {
    return this.#present
  }

  note(code: string, message: string): void {
    this.#present = { code, message }
  }

  /** The target lost its events up to that one. */
  forgotten(ackedSeq: number): void {
    this.#lostAt = Math.max(this.#lostAt, ackedSeq)
    this.note('receiver_rewind', 'The target lost events that it had acknowledged: they are sent again.')
  }

  /**
   * Keeps the error while the target takes events that it had before: one that forgets again and again looks well in
   * between.
   */
  acknowledged(ackedSeq: number, headSeq: number): void {
    const isBack = ackedSeq > this.#lostAt || ackedSeq === headSeq
    if (isBack) this.complete()
    else this.forgotten(ackedSeq)
  }

  /**
   * The target answers and has everything: an idle journal brings no event further. Returns whether there was an error.
   */
  complete(): boolean {
    const hadError = this.#present !== undefined
    this.#lostAt = 0
    this.#present = undefined
    return hadError
  }
}
