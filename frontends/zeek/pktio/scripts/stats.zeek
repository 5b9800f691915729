# SPDX-License-Identifier: BSD-3-Clause

##! Counters of received and lost packets: as an event, in ``pktio.log``, and as
##! Prometheus metrics.

@load base/frameworks/logging
@load base/frameworks/telemetry
@load base/misc/version

module Pktio;

export {
	redef enum Log::ID += { LOG };

	global log_policy: Log::PolicyHook;

	## The interval between :zeek:see:`Pktio::stats` events and between
	## lines of ``pktio.log``; 0: never.
	const stats_interval = 1min &redef;

	## The counters of the packet source of this process since Zeek opened
	## it. Raised every :zeek:see:`Pktio::stats_interval`, and once when Zeek
	## ends.
	global stats: event(now: Stats);

	## Raised for each line of ``pktio.log``. The counters in a line cover
	## the time since the previous line.
	global log_pktio: event(rec: Stats);
}

# The counters at the time of the last line.
global logged: Stats;

# The counters between two times.
function difference(later: Stats, before: Stats): Stats
	{
	local now: Stats = copy(later);
	# generated: difference
	now$received -= before$received;
	now$received_bytes -= before$received_bytes;
	now$dropped -= before$dropped;
	now$freezes -= before$freezes;
	now$filtered -= before$filtered;
	now$truncated -= before$truncated;
	now$stalls -= before$stalls;
	now$link_downs -= before$link_downs;
	now$reattached -= before$reattached;
	now$skipped -= before$skipped;
	# end
	return now;
	}

event Pktio::stats(now: Stats) &priority=-5
	{
	local line = difference(now, logged);

	logged = now;
	Log::write(Pktio::LOG, line);
	}

function take_stats(): Stats
	{
	local now = get_stats();

	now$ts = network_time();
	now$peer = peer_description;
	return now;
	}

event Pktio::tick()
	{
	local now = take_stats();

	# The packet source is not pktio. Or Zeek ends, which runs all scheduled
	# events; then zeek_done() raises the last event.
	if ( now$source == "" || zeek_is_terminating() )
		return;
	event Pktio::stats(now);
	schedule stats_interval { Pktio::tick() };
	}

event zeek_init() &priority=5
	{
	Log::create_stream(Pktio::LOG, [$columns=Stats, $ev=log_pktio,
		$path="pktio", $policy=log_policy]);
	# A live source has a clock without packets. The clock of a file starts
	# with its first packet, see network_time_init().
	if ( stats_interval > 0sec && reading_live_traffic() )
		schedule stats_interval { Pktio::tick() };
	}

event network_time_init()
	{
	if ( stats_interval > 0sec && ! reading_live_traffic() )
		schedule stats_interval { Pktio::tick() };
	}

event zeek_done()
	{
	local now = take_stats();

	if ( stats_interval > 0sec && now$source != "" )
		event Pktio::stats(now);
	}

# ---- Metrics ---------------------------------------------------------------

global no_labels: vector of string;

# Zeek 6 needs the unit "1" for a value without a unit.
function unit(name: string): string
	{
	if ( name == "ns" )
		return "nanoseconds";
	return Version::number < 70000 ? "1" : "";
	}

# generated: metrics
global received_metric = Telemetry::register_counter_family(Telemetry::MetricOpts(
	$prefix="pktio", $name="received", $unit=unit("frames"),
	$help_text="received"));
global received_bytes_metric = Telemetry::register_counter_family(Telemetry::MetricOpts(
	$prefix="pktio", $name="received_bytes", $unit=unit("bytes"),
	$help_text="received, as captured"));
global dropped_metric = Telemetry::register_counter_family(Telemetry::MetricOpts(
	$prefix="pktio", $name="dropped", $unit=unit("frames"),
	$help_text="lost because the ring was full"));
global freezes_metric = Telemetry::register_counter_family(Telemetry::MetricOpts(
	$prefix="pktio", $name="freezes", $unit=unit("events"),
	$help_text="how often the kernel found the ring full"));
global filtered_metric = Telemetry::register_counter_family(Telemetry::MetricOpts(
	$prefix="pktio", $name="filtered", $unit=unit("frames"),
	$help_text="rejected by a filter in user space"));
global truncated_metric = Telemetry::register_counter_family(Telemetry::MetricOpts(
	$prefix="pktio", $name="truncated", $unit=unit("frames"),
	$help_text="received with fewer bytes than on the wire"));
global stalls_metric = Telemetry::register_counter_family(Telemetry::MetricOpts(
	$prefix="pktio", $name="stalls", $unit=unit("events"),
	$help_text="how often held frames blocked new frames"));
global link_downs_metric = Telemetry::register_counter_family(Telemetry::MetricOpts(
	$prefix="pktio", $name="link_downs", $unit=unit("events"),
	$help_text="how often the interface went down"));
global reattached_metric = Telemetry::register_counter_family(Telemetry::MetricOpts(
	$prefix="pktio", $name="reattached", $unit=unit("events"),
	$help_text="how often a new interface replaced the interface"));
global skipped_metric = Telemetry::register_counter_family(Telemetry::MetricOpts(
	$prefix="pktio", $name="skipped", $unit=unit("blocks"),
	$help_text="skipped in a file because they contain no frame"));
global pending_blocks_metric = Telemetry::register_gauge_family(Telemetry::MetricOpts(
	$prefix="pktio", $name="pending_blocks", $unit=unit("blocks"),
	$help_text="blocks with frames not yet received"));
global pending_blocks_max_metric = Telemetry::register_gauge_family(Telemetry::MetricOpts(
	$prefix="pktio", $name="pending_blocks_max", $unit=unit("blocks"),
	$help_text="the largest pending_blocks so far"));
global oldest_age_metric = Telemetry::register_gauge_family(Telemetry::MetricOpts(
	$prefix="pktio", $name="oldest_age", $unit=unit("ns"),
	$help_text="age of the oldest frame not yet received"));
# end

hook Telemetry::sync()
	{
	local now = get_stats();

	if ( now$source == "" )
		return;
	# generated: sync
	Telemetry::counter_family_set(received_metric, no_labels, now$received);
	Telemetry::counter_family_set(received_bytes_metric, no_labels, now$received_bytes);
	Telemetry::counter_family_set(dropped_metric, no_labels, now$dropped);
	Telemetry::counter_family_set(freezes_metric, no_labels, now$freezes);
	Telemetry::counter_family_set(filtered_metric, no_labels, now$filtered);
	Telemetry::counter_family_set(truncated_metric, no_labels, now$truncated);
	Telemetry::counter_family_set(stalls_metric, no_labels, now$stalls);
	Telemetry::counter_family_set(link_downs_metric, no_labels, now$link_downs);
	Telemetry::counter_family_set(reattached_metric, no_labels, now$reattached);
	Telemetry::counter_family_set(skipped_metric, no_labels, now$skipped);
	Telemetry::gauge_family_set(pending_blocks_metric, no_labels, now$pending_blocks);
	Telemetry::gauge_family_set(pending_blocks_max_metric, no_labels, now$pending_blocks_max);
	Telemetry::gauge_family_set(oldest_age_metric, no_labels, now$oldest_age);
	# end
	}
