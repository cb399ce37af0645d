export interface EvaluatedRule {
  readonly name: string
  /** `ok` where its expression could be evaluated. */
  readonly health: string
  /** Of alerts: `inactive`, `pending` or `firing`. */
  readonly state?: string
}

export interface Prometheus {
  /** Values of an instant query, one a series. */
  query(expr: string): Promise<readonly number[]>
  rules(): Promise<readonly EvaluatedRule[]>
}

/** Asks a Prometheus as Grafana does. Throws with its message where a query is refused. */
export function askPrometheus(url: string): Prometheus {
  const get = async (path: string): Promise<unknown> => {
    const response = await fetch(`${url}${path}`)
    const answer = (await response.json()) as { status: string; error?: string; data: unknown }
    if (answer.status !== 'success') throw new Error(`${path}: ${answer.error ?? response.status}`)
    return answer.data
  }
  return {
    query: async (expr) => {
      const { result } = (await get(`/api/v1/query?query=${encodeURIComponent(expr)}`)) as {
        result: { value: [number, string] }[]
      }
      return result.map(({ value }) => Number(value[1]))
    },
    rules: async () => {
      const { groups } = (await get('/api/v1/rules')) as { groups: { rules: EvaluatedRule[] }[] }
      return groups.flatMap((group) => group.rules)
    },
  }
}
