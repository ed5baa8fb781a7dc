package month

// The month's monitors, dashboards and queries. Costs are medians in GB·ms; a tail of 1 and more makes rare runs that cost
// ten times as much.

var monitors = []monitor{
	{minutes: 5, source: source{
		id: "mon_q7Kx01", name: "Checkout 5xx rate", cost: 38, tail: 0.4, datasets: []string{"http-logs"},
		query: `['http-logs'] | where _time > ago(10m) and service == "checkout" and status >= {code} | summarize errors = count() by bin_auto(_time)`,
	}},
	{minutes: 5, source: source{
		id: "mon_q7Kx02", name: "Payment declines", cost: 22, tail: 0.5, datasets: []string{"payments-events"},
		query: `['payments-events'] | where _time > ago(10m) and outcome == "declined" and amount > {n} | summarize count() by processor`,
	}},
	{minutes: 5, source: source{
		id: "mon_q7Kx03", name: "Login failures by address", cost: 9, tail: 0.5, datasets: []string{"auth-events"},
		query: `['auth-events'] | where _time > ago(10m) and event == "login_failed" and client_ip != "{ip}" | summarize count() by client_ip | where count_ > 20`,
	}},
	{minutes: 10, source: source{
		id: "mon_q7Kx04", name: "P99 latency of the gateway", cost: 210, tail: 0.7, datasets: []string{"traces-prod"},
		query: `['traces-prod'] | where _time > ago(20m) and ['service.name'] == "gateway" | summarize percentile(duration, 99) by bin(_time, 1m)`,
	}},
	{minutes: 10, source: source{
		id: "mon_q7Kx05", name: "Crash-looping pods", cost: 31, tail: 0.4, datasets: []string{"k8s-events"},
		query: `['k8s-events'] | where _time > ago(15m) and reason == "BackOff" and namespace !in ("kube-system", "{service}") | summarize count() by pod`,
	}},
	{minutes: 15, source: source{
		id: "mon_q7Kx06", name: "Leaked keys in edge logs", cost: 14000, tail: 0.7, datasets: []string{"cdn-edge", "http-logs"},
		query: `union ['cdn-edge'], ['http-logs'] | where _time > ago(7d) | where url contains "{secret}" or headers contains "sk_live_" | summarize count() by client_ip, url`,
	}},
	{minutes: 10, source: source{
		id: "mon_q7Kx07", name: "Edge cache hit ratio", cost: 640, tail: 0.5, datasets: []string{"cdn-edge"},
		query: `['cdn-edge'] | where _time > ago(30m) | summarize hits = countif(cache == "HIT"), all = count() by pop | extend ratio = hits * 1.0 / all | where ratio < 0.85`,
	}},
	{minutes: 15, source: source{
		id: "mon_q7Kx08", name: "Slow statements in Postgres", cost: 17, tail: 0.6, datasets: []string{"postgres-slow"},
		query: `['postgres-slow'] | where _time > ago(30m) and duration_ms > {n} | top 20 by duration_ms`,
	}},
	{minutes: 15, source: source{
		id: "mon_q7Kx09", name: "Same card, many accounts", cost: 1900, tail: 1.2, datasets: []string{"payments-events", "auth-events"},
		query: `['payments-events'] | where _time > ago(1d) | join kind=inner (['auth-events'] | where email != "{email}") on account_id | summarize dcount(account_id) by card_hash | where dcount_account_id > 3`,
	}},
	{minutes: 30, source: source{
		id: "mon_q7Kx10", name: "Mobile crash-free sessions", cost: 55, tail: 0.5, datasets: []string{"mobile-crashes"},
		query: `['mobile-crashes'] | where _time > ago(1h) | summarize dcount(session) by app_version, os`,
	}},
	{minutes: 30, source: source{
		id: "mon_q7Kx11", name: "Flaky builds", cost: 12, tail: 0.5, datasets: []string{"ci-builds"},
		query: `['ci-builds'] | where _time > ago(6h) and status == "failed" and author == "{email}" | summarize count() by job`,
	}},
	{minutes: 30, source: source{
		id: "mon_q7Kx12", name: "Trace errors by service", cost: 780, tail: 0.8, datasets: []string{"traces-prod"},
		query: `['traces-prod'] | where _time > ago(1h) and error == true and trace_id != "{trace}" | summarize count() by ['service.name'], ['span.name']`,
	}},
	{minutes: 20, source: source{
		id: "mon_q7Kx13", name: "VPN from two countries", cost: 6, tail: 0.6, datasets: []string{"vpn-access"},
		query: `['vpn-access'] | where _time > ago(1h) | summarize countries = dcount(geo_country) by user_email | where countries > 1 and user_email != "{email}"`,
	}},
	{minutes: 60, source: source{
		id: "mon_q7Kx14", name: "Regex search for card numbers", cost: 9200, tail: 1.0, datasets: []string{"http-logs", "mobile-crashes"},
		query: `union ['http-logs'], ['mobile-crashes'] | where _time > ago(1d) | where body matches regex "4[0-9]{12}(?:[0-9]{3})?" | project _time, service, body`,
	}},
	{minutes: 60, source: source{
		id: "mon_q7Kx15", name: "Usage against contract", cost: 5, tail: 0.4, datasets: []string{"billing-usage"},
		query: `['billing-usage'] | where _time > startofmonth(now()) | summarize sum(units) by account | where sum_units > {n}`,
	}},
	{minutes: 60, source: source{
		id: "mon_q7Kx16", name: "Flags changed outside of releases", cost: 4, tail: 0.4, datasets: []string{"feature-flags"},
		query: `['feature-flags'] | where _time > ago(2h) and actor != "release-bot" | project _time, flag, actor`,
	}},
	{minutes: 20, source: source{
		id: "mon_q7Kx17", name: "Click fraud by network", cost: 95, tail: 0.7, datasets: []string{"marketing-clicks"},
		query: `['marketing-clicks'] | where _time > ago(1h) | summarize clicks = count() by asn, campaign | where clicks > {n}`,
	}},
	{minutes: 15, source: source{
		id: "mon_q7Kx18", name: "Staging error budget", cost: 48, tail: 0.6, datasets: []string{"traces-staging"},
		query: `['traces-staging'] | where _time > ago(1h) | summarize errors = countif(error), all = count() by ['service.name']`,
	}},
	{minutes: 30, source: source{
		id: "mon_q7Kx19", name: "Nodes under memory pressure", cost: 26, tail: 0.4, datasets: []string{"k8s-events"},
		query: `['k8s-events'] | where _time > ago(1h) and reason in ("EvictionThresholdMet", "OOMKilling") | summarize count() by node`,
	}},
	{minutes: 60, source: source{
		id: "mon_q7Kx20", name: "Search relevance drift", cost: 1300, tail: 0.9, datasets: []string{"http-logs"},
		query: `['http-logs'] | where _time > ago(1d) and path == "/search" | extend q = tostring(parse_url(url)["q"]) | summarize avg(clicked_rank) by q | top 100 by avg_clicked_rank`,
	}},
}

// panelsPerPage is the average over the dashboards, weighted by how often they are opened.
const panelsPerPage = 3.1

// dashboards, the most popular first.
var dashboards = []dashboard{
	{"dash_checkout", "Checkout health", []source{
		{cost: 120, tail: 0.6, datasets: []string{"http-logs"}, query: `['http-logs'] | where service == "checkout" and _time > ago({ago}) | summarize count() by status, bin_auto(_time)`},
		{cost: 340, tail: 0.7, datasets: []string{"traces-prod"}, query: `['traces-prod'] | where ['service.name'] == "checkout" and _time > ago({ago}) | summarize percentiles_array(duration, 50, 95, 99) by bin_auto(_time)`},
		{cost: 45, tail: 0.5, datasets: []string{"payments-events"}, query: `['payments-events'] | where _time > ago({ago}) | summarize sum(amount) by processor, bin_auto(_time)`},
		{cost: 60, tail: 0.5, datasets: []string{"http-logs", "payments-events"}, query: `['http-logs'] | where _time > ago({ago}) | join kind=inner (['payments-events'] | where amount > {n}) on request_id | summarize count()`},
	}},
	{"dash_edge", "Edge and CDN", []source{
		{cost: 900, tail: 0.8, datasets: []string{"cdn-edge"}, query: `['cdn-edge'] | where _time > ago({ago}) | summarize sum(bytes) by pop, bin_auto(_time)`},
		{cost: 700, tail: 0.7, datasets: []string{"cdn-edge"}, query: `['cdn-edge'] | where _time > ago({ago}) and status >= {code} | summarize count() by status, pop`},
		{cost: 1400, tail: 0.9, datasets: []string{"cdn-edge"}, query: `['cdn-edge'] | where client_ip == "{ip}" and _time > ago({ago}) | summarize count() by url | top 25 by count_`},
	}},
	{"dash_oncall", "On-call overview", []source{
		{cost: 80, tail: 0.6, datasets: []string{"k8s-events"}, query: `['k8s-events'] | where type == "Warning" and _time > ago({ago}) | summarize count() by reason, bin_auto(_time)`},
		{cost: 260, tail: 0.7, datasets: []string{"traces-prod"}, query: `['traces-prod'] | where error == true and _time > ago({ago}) | summarize count() by ['service.name'], bin_auto(_time)`},
		{cost: 20, tail: 0.5, datasets: []string{"postgres-slow"}, query: `['postgres-slow'] | where _time > ago({ago}) | summarize max(duration_ms) by database, bin_auto(_time)`},
	}},
	{"dash_auth", "Sign-in and access", []source{
		{cost: 15, tail: 0.5, datasets: []string{"auth-events"}, query: `['auth-events'] | where _time > ago({ago}) | summarize count() by event, bin_auto(_time)`},
		{cost: 18, tail: 0.5, datasets: []string{"auth-events", "vpn-access"}, query: `union ['auth-events'], ['vpn-access'] | where user_email == "{email}" and _time > ago({ago}) | sort by _time desc | take 100`},
	}},
	{"dash_mobile", "Mobile quality", []source{
		{cost: 40, tail: 0.5, datasets: []string{"mobile-crashes"}, query: `['mobile-crashes'] | where _time > ago({ago}) | summarize count() by app_version, bin_auto(_time)`},
		{cost: 52, tail: 0.6, datasets: []string{"mobile-crashes"}, query: `['mobile-crashes'] | where user_id == "{uuid}" | project _time, stack, device | take 50`},
	}},
	{"dash_growth", "Campaigns and growth", []source{
		{cost: 75, tail: 0.7, datasets: []string{"marketing-clicks"}, query: `['marketing-clicks'] | where _time > datetime({date}) | summarize count() by campaign, bin(_time, 1d)`},
		{cost: 130, tail: 0.8, datasets: []string{"marketing-clicks", "billing-usage"}, query: `['marketing-clicks'] | join kind=leftouter (['billing-usage']) on account | where email has "{email}" | summarize sum(units) by campaign`},
	}},
}

// directQueries are what people type, the most frequent first.
var directQueries = []source{
	{cost: 90, tail: 1.1, datasets: []string{"http-logs"}, query: `['http-logs'] | where _time > ago({ago}) and service == "{service}" and status >= {code} | take 100`},
	{cost: 60, tail: 1.0, datasets: []string{"traces-prod"}, query: `['traces-prod'] | where trace_id == "{trace}"`},
	{cost: 14, tail: 0.8, datasets: []string{"auth-events"}, query: `['auth-events'] | where _time > ago({ago}) and email == "{email}" | sort by _time desc`},
	{cost: 35, tail: 0.9, datasets: []string{"payments-events"}, query: `['payments-events'] | where customer_email == "{email}" and amount > {n} // ticket {n}`},
	{cost: 420, tail: 1.4, datasets: []string{"cdn-edge"}, query: `['cdn-edge'] | where client_ip == "{ip}" | summarize count() by url, user_agent`},
	{cost: 8, tail: 0.7, datasets: []string{"ci-builds"}, query: `['ci-builds'] | where branch == "fix/{n}" | project _time, job, status, log`},
	{cost: 2600, tail: 1.6, datasets: []string{"http-logs", "traces-prod"}, query: `['http-logs'] | where headers.authorization == "Bearer {secret}" | join kind=inner (['traces-prod']) on trace_id | take 10`},
	{cost: 11, tail: 0.7, datasets: []string{"feature-flags"}, query: `['feature-flags'] | where flag == "new-{service}" | sort by _time desc | take 20`},
}

// apiQueries are what programs send.
var apiQueries = []source{
	{cost: 65, tail: 0.6, datasets: []string{"billing-usage"}, query: `['billing-usage'] | where _time between (datetime({date}) .. now()) | summarize sum(units) by account, product`},
	{cost: 150, tail: 0.7, datasets: []string{"http-logs"}, query: `['http-logs'] | where _time > ago(1d) | summarize requests = count(), errors = countif(status >= 500) by service`},
	{cost: 30, tail: 0.6, datasets: []string{"payments-events"}, query: `['payments-events'] | where _time > ago(1d) and receipt_to == "{email}" | project _time, amount, currency`},
}
