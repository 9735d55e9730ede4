/**
 * Runs `act`, and `end` when it has settled. On the path of each sale instead of `finally`, which makes four promises
 * where this makes one.
 */
export function withEnd<Result>(act: () => Promise<Result>, end: () => void): Promise<Result> {
  let acting: Promise<Result>
  try {
    acting = act()
  } catch (error) {
    acting = Promise.reject(error)
  }
  return acting.then(
    (result) => {
      end()
      return result
    },
    (error) => {
      end()
      throw error
    },
  )
}
