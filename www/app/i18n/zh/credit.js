/** 转化归因：无法计算的原因、需要注意的事项，以及可以得出的结论。 */
export const credit = {
  'error.bad-position-weights': '位置权重必须是三个不小于 0 的数，且不能全为 0。',
  'error.bad-half-life': '半衰期必须是正数。',
  'error.bad-markov-order': '马尔可夫阶数必须是 1、2、3、4 或“自动”。',
  'error.bad-resamples': '{message}',
  'error.bad-confidence': '置信度必须在 0 和 1 之间。',
  'error.no-conversions': '没有任何旅程转化，因此没有转化可以分配。',
  'error.unknown-group': '没有这个名称的渠道类别。',
  'error.needs-journeys': '归因需要旅程数据：带用户和时间的触点文件，或完整路径的文件。',

  'warning.one-channel-paths': '每条旅程只有一个渠道，因此所有方法的结果相同。',
  'warning.mostly-one-channel-paths': '{share} 的转化来自只有一个渠道的旅程，所有方法对它们的结果一致。',
  'warning.no-null-paths': '没有未转化的旅程。马尔可夫方法此时只看渠道出现的频率，而不看经过它的旅程是否转化。',
  'warning.few-converting-journeys': '只有 {conversions} 条旅程转化：归因不确定，区间也很粗略。',
  'warning.no-direct-channel': '没有直接访问渠道，因此“末次非直接”等同于“末次触点”。',
  'warning.fewer-resamples': '数据量大：区间基于 {resamples} 次重抽样，而不是 {asked} 次。',
  'warning.fewer-markov-resamples': '为节省时间，马尔可夫链的区间基于 {resamples} 次重抽样，而不是 {asked} 次。',
  'warning.markov-inexact': '马尔可夫链收敛过慢，移除效应可能有 {bound} 的误差。',

  'finding.credit-leader': '按所有方法，{first} 获得的功劳都最多：占转化的 {low} 到 {high}。',
  'finding.credit-leader-unclear': '按所有方法，{first} 获得的功劳都最多（占转化的 {low} 到 {high}），但领先可能是偶然。',
  'finding.credit-leader-depends': '谁的功劳最多取决于方法：{methods} 种方法中有 {agreeing} 种是 {first}，其余是 {others}。',
  'finding.rank-depends-on-method': '{first} 和 {others} 谁的功劳更多取决于方法：{ahead} 种方法是 {first}，{behind} 种是另一个。',
  'finding.rank-not-separated': '现有数据无法确定 {first} 和 {others} 谁的功劳更多：{first} 在 {above} 的重抽样中领先。',
  'finding.too-few-converting-journeys': '{channels} 的数据太少，无法判断：参与的转化旅程不足 {minimum} 条。',
};
