/** Ends a matrix of cases: each failure, then `N passed, N failed`, and the exit code. */
export function endMatrix(cases: number, failures: readonly string[]): void {
  for (const failure of failures) console.log(`✖ ${failure}`)
  console.log(`${cases - failures.length} passed, ${failures.length} failed`)
  // An unknown operation proves nothing.
  process.exitCode = cases > 0 && failures.length === 0 ? 0 : 1
}
