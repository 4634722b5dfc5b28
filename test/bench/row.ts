/** One figure of `pnpm bench`, beside what it should be within. */
export interface Row {
  name: string
  value: string
  limit: string
  within: boolean
}
