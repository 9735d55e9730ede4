/** What hinders the replay to a target, as whoever looks is told; gone once an event got farther, or all is there and it answers. */
export class LastError {
  #told: { code: string; message: string } | undefined
  /** What the target once had and lost. */
  #lostAt = 0

  get present(): { readonly code: string; readonly message: string } | undefined {
    return this.#told
  }

  note(code: string, message: string): void {
    this.#told = { code, message }
  }

  /** The target lost what it had up to that event. */
  forgotten(ackedSeq: number): void {
    this.#lostAt = Math.max(this.#lostAt, ackedSeq)
    this.note('receiver-rewind', 'The target lost events that it had acknowledged: they are sent again.')
  }

  /** Told on while it takes what it had before: one that forgets again and again looks well in between. */
  acknowledged(ackedSeq: number, headSeq: number): void {
    const isBack = ackedSeq > this.#lostAt || ackedSeq === headSeq
    if (isBack) this.complete()
    else this.forgotten(ackedSeq)
  }

  /** The target answers and lacks nothing: a journal that rests brings no event farther. Returns whether anything was told. */
  complete(): boolean {
    const isTold = this.#told !== undefined
    this.#lostAt = 0
    this.#told = undefined
    return isTold
  }
}
