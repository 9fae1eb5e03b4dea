/** Defines `<channelwise-app>` and the components it is made of. */
import { ChannelwiseApp } from './app.js';
import { Answer } from './components/answer.js';
import { DeviceBadge, PrivacyBadge } from './components/badges.js';
import { ChannelTable } from './components/channel-table.js';
import { Chart } from './components/chart.js';
import { Coefficients } from './components/coefficients.js';
import { Advantages } from './components/compare/advantages.js';
import { Budget } from './components/compare/budget.js';
import { Costs } from './components/compare/costs.js';
import { LiftView } from './components/compare/lift.js';
import { MoneyPeriodsView } from './components/compare/money-periods.js';
import { MoneyView } from './components/compare/money.js';
import { ReplayView } from './components/compare/replay.js';
import { Responses } from './components/compare/responses.js';
import { Paths } from './components/compare/paths.js';
import { SelfTestView } from './components/compare/self-test.js';
import { Counts } from './components/counts.js';
import { CompareOptions } from './components/credit/compare-options.js';
import { Credit } from './components/credit/credit.js';
import { CreditPair } from './components/credit/credit-pair.js';
import { CreditTable } from './components/credit/credit-table.js';
import { GroupsEditor } from './components/credit/groups-editor.js';
import { MarkovDetails } from './components/credit/markov.js';
import { MethodPicker } from './components/credit/method-picker.js';
import { Ranking } from './components/credit/ranking.js';
import { CurvePanel } from './components/curve-panel.js';
import { ErrorPanel } from './components/error-panel.js';
import { ExportMenu } from './components/export-menu.js';
import { Findings } from './components/findings.js';
import { JobProgress } from './components/job-progress.js';
import { MappingTable } from './components/mapping-table.js';
import { MetricsTable } from './components/metrics-table.js';
import { ModelChoice } from './components/model-choice.js';
import { Popover } from './components/popover.js';
import { ReadAs } from './components/read-as.js';
import { RunTable } from './components/run-table.js';
import { SecondFile } from './components/second-file.js';
import { Segmented } from './components/segmented.js';
import { Sentence } from './components/sentence.js';
import { Terms } from './components/terms.js';
import { Tip } from './components/tip.js';
import { TrainOptions } from './components/train-options.js';
import { Training } from './components/training.js';
import { Values } from './components/values.js';
import { Verdict } from './components/verdict.js';
import { CompareView } from './views/compare.js';
import { DataView } from './views/data.js';
import { TrainView } from './views/train.js';

/** @type {{ [tag: string]: CustomElementConstructor }} */
const elements = {
  'cw-advantages': Advantages,
  'cw-answer': Answer,
  'cw-budget': Budget,
  'cw-channel-table': ChannelTable,
  'cw-chart': Chart,
  'cw-coefficients': Coefficients,
  'cw-compare-options': CompareOptions,
  'cw-compare-view': CompareView,
  'cw-costs': Costs,
  'cw-counts': Counts,
  'cw-credit': Credit,
  'cw-credit-pair': CreditPair,
  'cw-credit-table': CreditTable,
  'cw-curve-panel': CurvePanel,
  'cw-data-view': DataView,
  'cw-device-badge': DeviceBadge,
  'cw-error': ErrorPanel,
  'cw-export': ExportMenu,
  'cw-findings': Findings,
  'cw-groups': GroupsEditor,
  'cw-lift': LiftView,
  'cw-mapping-table': MappingTable,
  'cw-markov': MarkovDetails,
  'cw-method-picker': MethodPicker,
  'cw-metrics-table': MetricsTable,
  'cw-model-choice': ModelChoice,
  'cw-money': MoneyView,
  'cw-money-periods': MoneyPeriodsView,
  'cw-paths': Paths,
  'cw-popover': Popover,
  'cw-privacy-badge': PrivacyBadge,
  'cw-progress': JobProgress,
  'cw-ranking': Ranking,
  'cw-read-as': ReadAs,
  'cw-replay': ReplayView,
  'cw-responses': Responses,
  'cw-run-table': RunTable,
  'cw-second-file': SecondFile,
  'cw-segmented': Segmented,
  'cw-self-test': SelfTestView,
  'cw-sentence': Sentence,
  'cw-terms': Terms,
  'cw-tip': Tip,
  'cw-train-options': TrainOptions,
  'cw-train-view': TrainView,
  'cw-training': Training,
  'cw-values': Values,
  'cw-verdict': Verdict,
  'channelwise-app': ChannelwiseApp,
};

// A page may load this twice, under two addresses.
for (const [tag, element] of Object.entries(elements)) {
  if (!customElements.get(tag)) customElements.define(tag, element);
}

export { ChannelwiseApp };
