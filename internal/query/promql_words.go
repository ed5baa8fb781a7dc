package query

// promAggregations combine series; `by (…)` or `without (…)` may stand before their bracket as well as behind it.
var promAggregations = newWordList(`avg bottomk count count_values group limitk limit_ratio max min quantile stddev stdvar sum topk
	approx_topk`)

// promFunctions are the functions of PromQL and LogQL. They keep their names under every policy; functions that are not
// listed (of dialects) follow the policy for names.
var promFunctions = newWordList(`abs absent absent_over_time acos acosh asin asinh atan atanh avg_over_time bytes_over_time bytes_rate ceil
	changes clamp clamp_max clamp_min cos cosh count_over_time day_of_month day_of_week day_of_year days_in_month deg delta
	deriv double_exponential_smoothing duration exp first_over_time floor histogram_avg histogram_count histogram_fraction
	histogram_quantile histogram_quantiles histogram_stddev histogram_stdvar histogram_sum holt_winters hour idelta increase
	info irate label_join label_replace last_over_time ln log10 log2 mad_over_time max_of max_over_time min_of min_over_time minute month pi
	predict_linear present_over_time quantile_over_time rad range rate rate_counter resets round scalar sgn sin sinh sort
	sort_by_label sort_by_label_desc sort_desc sqrt start end step stddev_over_time stdvar_over_time sum_over_time tan tanh
	time timestamp ts_of_first_over_time ts_of_last_over_time ts_of_max_over_time ts_of_min_over_time vector year`)

// promOperatorWords are binary operators that are words; the last three are VictoriaMetrics'.
var promOperatorWords = newWordList(`and atan2 or unless default if ifnot`)

// promModifiers may follow a binary operator; those that are true must have a list of labels, those that are false may.
var (
	promMatchers  = newWordList(`on ignoring`)
	promGroupings = newWordList(`group_left group_right`)
	promFills     = newWordList(`fill fill_left fill_right`)
	promClauses   = newWordList(`by without`)
	promSuffixes  = newWordList(`anchored smoothed keep_metric_names`)
)

// logStages are the stages of a LogQL pipeline that begin with a word; any other word begins a label filter.
var logStages = newWordList(`decolorize drop json keep label_format line_format logfmt pattern regexp unpack unwrap`)

// logConversions may stand around the label of unwrap.
var logConversions = newWordList(`bytes duration duration_seconds`)
