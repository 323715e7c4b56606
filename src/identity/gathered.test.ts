import { describe, expect, it } from 'vitest'
import { gathered } from './gathered.ts'

function counting(most: number) {
  const asked: string[][] = []
  const find = gathered(async (keys) => {
    asked.push([...keys])
    return new Map(keys.filter((key) => key !== 'nobody').map((key) => [key, key.toUpperCase()]))
  }, most)
  return { asked, find }
}

describe('look-ups of one turn', () => {
  it('are one question, and each gets its own answer', async () => {
    const { asked, find } = counting(8)
    expect(await Promise.all([find('a'), find('nobody'), find('b')])).toEqual(['A', undefined, 'B'])
    expect(asked).toEqual([['a', 'nobody', 'b']])
  })

  it('ask for a key once, however often it is wanted', async () => {
    const { asked, find } = counting(8)
    expect(await Promise.all([find('a'), find('a')])).toEqual(['A', 'A'])
    expect(asked).toEqual([['a']])
  })

  it('are several questions where they are more than one may have', async () => {
    const { asked, find } = counting(2)
    expect(await Promise.all(['a', 'b', 'c'].map(find))).toEqual(['A', 'B', 'C'])
    expect(asked).toEqual([['a', 'b'], ['c']])
  })

  it('are asked anew once a question is on its way: nothing is answered from before', async () => {
    let state = 'before'
    const find = gathered(async (keys) => {
      const now = state
      await new Promise((settle) => setTimeout(settle, 5))
      return new Map(keys.map((key) => [key, now]))
    }, 8)
    const first = find('a')
    await new Promise((settle) => setImmediate(settle))
    await new Promise((settle) => setImmediate(settle))
    state = 'after'
    expect(await Promise.all([first, find('a')])).toEqual(['before', 'after'])
  })

  it('fail together, and the next are asked again', async () => {
    let isDown = true
    const find = gathered(async (keys) => {
      if (isDown) throw new Error('down')
      return new Map(keys.map((key) => [key, 'up']))
    }, 8)
    const results = await Promise.allSettled([find('a'), find('b')])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    isDown = false
    expect(await find('a')).toBe('up')
  })
})
