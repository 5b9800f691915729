/* SPDX-License-Identifier: BSD-3-Clause */
#include "mock_zeek.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <string>
#include <vector>

#include <fcntl.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <pktio/pktio.h>

#include <zeek/ID.h>
#include <zeek/Reporter.h>
#include <zeek/RunState.h>
#include <zeek/Val.h>
#include <zeek/iosource/Component.h>
#include <zeek/iosource/Manager.h>
#include <zeek/iosource/PktSrc.h>
#include <zeek/plugin/Plugin.h>

#include "stats.h"

using zeek::iosource::PktSrc;
using zeek::iosource::PktSrcComponent;

/* With a live source, Zeek polls the descriptors in one of ten rounds. */
#define POLL_INTERVAL 10
/* The next timer of another component. */
#define TIMER_MS 50

/* The struct of mock_zeek.h; the mocked classes declare it a friend. */
/* NOLINTBEGIN(misc-non-private-member-variables-in-classes) */
struct mock_zeek {
	zeek::iosource::Manager manager;
	PktSrc *source = nullptr;
	mock_zeek_callback *callback = nullptr;
	void *user = nullptr;
	struct mock_zeek_counts counts = {};
	unsigned extracted = 0, done = 0;
	std::string log, violations;

	/* These call private functions of the packet source. */
	void open() const;
	void process();
	bool extract();
	void close() const;
	double first_time = -1;
	std::chrono::steady_clock::time_point first_seen;
};
/* NOLINTEND(misc-non-private-member-variables-in-classes) */

static struct mock_zeek *current_zeek;
static bool suspended;

namespace zeek
{
namespace detail
{
std::map<std::string, IDPtr> *names;
}
namespace run_state
{
double pseudo_realtime;
bool is_processing_suspended()
{
	return suspended;
}
} // namespace run_state

static ValManager the_values;
ValManager *val_mgr = &the_values;
static Reporter the_reporter;
Reporter *reporter = &the_reporter;
iosource::Manager *iosource_mgr;

const detail::IDPtr &id::find(std::string_view name)
{
	static const detail::IDPtr none;
	const auto found = detail::names->find(std::string(name));

	return found == detail::names->end() ? none : found->second;
}
} // namespace zeek

/* Zeek uses global variables; a test may run several mocks in turn. */
static void make_current(struct mock_zeek *s)
{
	current_zeek = s;
	zeek::iosource_mgr = &s->manager;
}

static void report_violation(const std::string &what)
{
	current_zeek->violations += what + "\n";
}

__attribute__((format(printf, 2, 0))) static void
log_line(const char *level, const char *format, va_list args)
{
	char line[1024];

	vsnprintf(line, sizeof(line), format, args);
	if (current_zeek)
		current_zeek->log += std::string(level) + ": " + line + "\n";
}

/* The following classes have the same interface as in Zeek. */
/* NOLINTBEGIN(cert-dcl50-cpp,readability-convert-member-functions-to-static,readability-make-member-function-const)
 */
void zeek::Reporter::Info(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_line("info", format, args);
	va_end(args);
}

void zeek::Reporter::Warning(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_line("warning", format, args);
	va_end(args);
}

void zeek::Reporter::Error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_line("error", format, args);
	va_end(args);
}

/* ---- The base class of packet sources ----------------------------------- */

static bool is_open_fd(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

bool zeek::iosource::Manager::RegisterFd(int fd, PktSrc *src)
{
	struct stat stat;

	if (src != source || current_zeek->counts.fd != -1)
		report_violation("another descriptor is registered already");
	if (fstat(fd, &stat) < 0 || (stat.st_mode & S_IFMT) == 0) {
		report_violation("libkqueue does not support this descriptor");
		return false;
	}
	current_zeek->counts.fd = fd;
	return true;
}

bool zeek::iosource::Manager::UnregisterFd(int fd, PktSrc *src)
{
	if (src != source || current_zeek->counts.fd != fd)
		report_violation("this descriptor is not registered");
	if (!is_open_fd(fd))
		report_violation(
			"the descriptor was closed before it was unregistered");
	current_zeek->counts.fd = -1;
	return true;
}

void PktSrc::Opened(const Properties &p)
{
	if (open)
		report_violation("opened twice");
	props = p;
	open = true;
	if (!PrecompileFilter(0, "") || !SetFilter(0)) {
		Close();
		return;
	}
	if (p.is_live)
		zeek::reporter->Info("listening on %s", p.path.c_str());
	current_zeek->counts.link_type = static_cast<uint32_t>(p.link_type);
	if (p.selectable_fd != -1)
		zeek::iosource_mgr->RegisterFd(p.selectable_fd, this);
}

bool PktSrc::PrecompileBPFFilter(int index, const std::string &filter)
{
	pcap_t *pcap = pcap_open_dead(LinkType(), 65535);
	struct bpf_program program = {};

	compiled[index] = pcap_compile(pcap, &program, filter.c_str(), 1,
				       NETMASK_UNKNOWN) == 0;
	pcap_freecode(&program);
	pcap_close(pcap);
	return compiled[index];
}

void PktSrc::Closed()
{
	if (!open)
		report_violation("closed twice");
	open = false;
	if (props.selectable_fd != -1)
		zeek::iosource_mgr->UnregisterFd(props.selectable_fd, this);
}

void PktSrc::Weird(const std::string &text, const Packet *pkt)
{
	(void)pkt;
	current_zeek->log += "weird: " + text + "\n";
}

/* NOLINTEND(cert-dcl50-cpp,readability-convert-member-functions-to-static,readability-make-member-function-const)
 */

double PktSrc::GetNextTimeout()
{
	if (suspended)
		return -1;
	if (zeek::run_state::pseudo_realtime != 0) {
		std::chrono::duration<double> since;

		if (!current_zeek->extract())
			return 0;
		since = std::chrono::steady_clock::now() -
			current_zeek->first_seen;
		return std::max(
			0.0, current.time - current_zeek->first_time -
				     since.count() *
					     zeek::run_state::pseudo_realtime);
	}
	if (props.selectable_fd == -1)
		return have_packet || had_packet ? 0.0 : 20e-6;
	return -1;
}

/* ---- The run loop ------------------------------------------------------- */

static uint64_t ns_of(const std::chrono::steady_clock::duration &d)
{
	return static_cast<uint64_t>(
		std::chrono::duration_cast<std::chrono::nanoseconds>(d)
			.count());
}

void mock_zeek::open() const
{
	source->Open();
}

void mock_zeek::close() const
{
	source->Close();
}

bool mock_zeek::extract()
{
	const auto start = std::chrono::steady_clock::now();
	uint64_t us;

	if (source->have_packet)
		return true;
	if (suspended || !source->IsOpen())
		return false;
	source->had_packet = source->ExtractNextPacket(&source->current);
	us = ns_of(std::chrono::steady_clock::now() - start) / 1000;
	counts.extract_us = std::max(counts.extract_us, us);
	source->have_packet = source->had_packet;
	if (source->had_packet)
		source->had_packet_at = std::chrono::steady_clock::now();
	if (!source->had_packet)
		return false;
	extracted++;
	if (first_time < 0) {
		first_time = source->current.time;
		first_seen = start;
	}
	return true;
}

static struct mock_zeek_packet packet_of(const zeek::Packet &p)
{
	struct mock_zeek_packet to = {};

	to.data = p.data;
	to.us = static_cast<int64_t>(p.ts.tv_sec) * 1000000 + p.ts.tv_usec;
	to.caplen = p.cap_len;
	to.len = p.len;
	to.link_type = p.link_type;
	to.l3_checksummed = p.l3_checksummed;
	to.l4_checksummed = p.l4_checksummed;
	to.vlan = to.inner_vlan = -1;
	to.pcp = to.dei = to.inner_pcp = to.inner_dei = -1;
#if MOCK_ZEEK_VERSION >= 80200
	if (p.vlan) {
		to.vlan = p.vlan->id;
		to.pcp = p.vlan->pcp;
		to.dei = p.vlan->dei;
	}
	if (p.inner_vlan) {
		to.inner_vlan = p.inner_vlan->id;
		to.inner_pcp = p.inner_vlan->pcp;
		to.inner_dei = p.inner_vlan->dei;
	}
#else
	if (p.vlan)
		to.vlan = static_cast<int>(p.vlan);
	if (p.inner_vlan)
		to.inner_vlan = static_cast<int>(p.inner_vlan);
#if MOCK_ZEEK_VERSION >= 80100
	if (p.vlan) {
		to.pcp = static_cast<int>(p.vlan_pcp);
		to.dei = p.vlan_dei;
	}
	if (p.inner_vlan) {
		to.inner_pcp = static_cast<int>(p.inner_vlan_pcp);
		to.inner_dei = p.inner_vlan_dei;
	}
#endif
#endif
	return to;
}

void mock_zeek::process()
{
	std::vector<uint8_t> before;
	struct mock_zeek_packet packet;

	counts.processed++;
	if (!source->IsOpen() || !extract())
		return;
	packet = packet_of(source->current);
	if (packet.caplen == 0 || packet.caplen > packet.len)
		report_violation(
			"the captured length of a packet is 0 or above its length");
	before.assign(packet.data, packet.data + packet.caplen);
	counts.packets++;
	if (callback)
		callback(user, &packet);
	if (!std::equal(before.begin(), before.end(), packet.data))
		report_violation(
			"the bytes of a packet changed before DoneWithPacket()");
	source->have_packet = false;
	done++;
	source->DoneWithPacket();
}

/*
 * Sleeps like Zeek: until the descriptor is readable, or the timeout of the
 * source or of another timer expires. True if Zeek should process the source.
 */
static bool poll_for(struct mock_zeek *s, double timeout)
{
	struct pollfd fd = { s->counts.fd, POLLIN, 0 };
	const auto start = std::chrono::steady_clock::now();
	const auto ms = static_cast<int>(std::ceil(timeout * 1000));
	const int n = poll(&fd, 1, timeout < 0 ? TIMER_MS : ms);

	/* libkqueue reads the error of a socket, which clears it. */
	if (n > 0 && fd.revents & POLLERR) {
		int error = 0;
		socklen_t size = sizeof(error);

		getsockopt(fd.fd, SOL_SOCKET, SO_ERROR, &error, &size);
	}
	s->counts.polls++;
	s->counts.slept_ms +=
		ns_of(std::chrono::steady_clock::now() - start) / 1000000;
	return n > 0 || timeout >= 0;
}

static void run_round(struct mock_zeek *s)
{
	const bool live = s->source->IsLive();
	const bool time_to_poll =
		s->counts.rounds++ % (live ? POLL_INTERVAL : 100) == 0;
	double next;
	bool ready;

	make_current(s);
	if (!s->source->IsOpen())
		return;
	next = s->source->GetNextTimeout();
	ready = !time_to_poll && (next == 0 || live);
	if (!ready)
		ready = poll_for(s, next);
	if (ready)
		s->process();
}

extern "C" {

void mock_zeek_rounds(struct mock_zeek *s, unsigned n)
{
	while (n-- > 0)
		run_round(s);
}

void mock_zeek_run(struct mock_zeek *s, unsigned ms)
{
	const auto end = std::chrono::steady_clock::now() +
			 std::chrono::milliseconds(ms);

	while (std::chrono::steady_clock::now() < end)
		run_round(s);
}

void mock_zeek_run_to_end(struct mock_zeek *s, unsigned ms)
{
	const auto end = std::chrono::steady_clock::now() +
			 std::chrono::milliseconds(ms);

	while (s->source->IsOpen() && std::chrono::steady_clock::now() < end)
		run_round(s);
}

/* ---- Scripts ------------------------------------------------------------ */

static void set(const char *name, const zeek::ValPtr &value)
{
	auto id = std::make_shared<zeek::detail::ID>();

	id->value = value;
	(*zeek::detail::names)[name] = id;
}

void mock_zeek_set_bool(const char *name, bool value)
{
	set(name, std::make_shared<zeek::Val>(zeek::TYPE_BOOL, value));
}

void mock_zeek_set_count(const char *name, uint64_t value)
{
	set(name, std::make_shared<zeek::Val>(zeek::TYPE_COUNT,
					      static_cast<double>(value)));
}

void mock_zeek_set_interval(const char *name, double seconds)
{
	set(name, std::make_shared<zeek::Val>(zeek::TYPE_INTERVAL, seconds));
}

void mock_zeek_set_enum(const char *name, int value)
{
	set(name, std::make_shared<zeek::Val>(zeek::TYPE_ENUM, value));
}

void mock_zeek_set_option(const char *option, const char *value)
{
	(*zeek::detail::names)["Pktio::options"]
		->value->AsTableVal()
		->entries[option] = value;
}

void mock_zeek_unload_scripts(void)
{
	delete zeek::detail::names;
	zeek::detail::names = new std::map<std::string, zeek::detail::IDPtr>;
}

static void module(const std::string &name, uint64_t buffer, uint64_t block,
		   double timeout, uint64_t id, uint64_t type)
{
	mock_zeek_set_count((name + "::buffer_size").c_str(), buffer);
	mock_zeek_set_count((name + "::block_size").c_str(), block);
	mock_zeek_set_interval((name + "::block_timeout").c_str(), timeout);
	mock_zeek_set_bool((name + "::enable_hw_timestamping").c_str(), false);
	mock_zeek_set_bool((name + "::enable_defrag").c_str(), false);
	mock_zeek_set_bool((name + "::enable_fanout").c_str(), true);
	mock_zeek_set_enum((name + "::fanout_mode").c_str(), 0);
	mock_zeek_set_count((name + "::fanout_id").c_str(), id);
	mock_zeek_set_count((name + "::link_type").c_str(), type);
	mock_zeek_set_enum((name + "::checksum_validation_mode").c_str(), 1);
}

void mock_zeek_load_scripts(void)
{
	std::vector<std::string> fields = { "source", "link" };
	auto record = std::make_shared<zeek::detail::ID>();

	mock_zeek_unload_scripts();
	module("AF_Packet", 128 << 20, 32 << 10, 0.01, 23, 1);
	module("Pktio", 0, 0, 0, 0, 0);
	mock_zeek_set_count("Pktio::ring_index", 0);
	mock_zeek_set_count("Pktio::ring_count", 0);
	set("Pktio::options", std::make_shared<zeek::TableVal>());
	for (const auto *c = pktio_counters(); c->name; c++)
		fields.emplace_back(c->name);
	record->type = std::make_shared<zeek::RecordType>(fields);
	(*zeek::detail::names)["Pktio::Stats"] = record;
}

/* ---- Starting Zeek ------------------------------------------------------ */

struct found {
	std::string plugin;
	PktSrcComponent *component;
};

static struct found find_prefix(const std::string &prefix)
{
	static std::map<zeek::plugin::Plugin *, std::string> names;

	for (auto *plugin : zeek::plugin::Plugin::all()) {
		/* Configure() adds a component each time: call it once. */
		if (names.find(plugin) == names.end())
			names[plugin] = plugin->Configure().name;
		auto *component = dynamic_cast<PktSrcComponent *>(
			plugin->components.back());

		if (component->prefixes == prefix)
			return { names[plugin], component };
	}
	return { "", nullptr };
}

const char *mock_zeek_plugin(const char *prefix)
{
	static std::string name;
	const auto found = find_prefix(prefix);

	name = found.plugin;
	return found.component ? name.c_str() : nullptr;
}

struct mock_zeek *mock_zeek_open(const char *interface, bool live,
				 mock_zeek_callback *callback, void *user)
{
	auto *s = new struct mock_zeek;
	const std::string name = interface;
	const auto colons = name.find("::");
	const auto found = find_prefix(name.substr(0, colons));

	make_current(s);
	s->callback = callback;
	s->user = user;
	s->counts.fd = -1;
	s->source = found.component->factory(name.substr(colons + 2), live);
	s->manager.source = s->source;
	s->open();
	return s;
}

bool mock_zeek_is_open(const struct mock_zeek *s)
{
	return s->source->IsOpen();
}

bool mock_zeek_has_been_idle(const struct mock_zeek *s, double seconds)
{
	return s->source->HasBeenIdleFor(seconds);
}

const char *mock_zeek_error(const struct mock_zeek *s)
{
	return s->source->ErrorMsg() ? s->source->ErrorMsg() : "";
}

bool mock_zeek_precompile(struct mock_zeek *s, int id, const char *filter)
{
	make_current(s);
	return s->source->PrecompileFilter(id, filter);
}

bool mock_zeek_filter_is_fatal(struct mock_zeek *s, int id)
{
	return s->source->IsFatal(id);
}

bool mock_zeek_set_filter(struct mock_zeek *s, int id)
{
	make_current(s);
	return s->source->SetFilter(id);
}

void mock_zeek_suspend(bool suspend)
{
	suspended = suspend;
}

void mock_zeek_pseudo_realtime(double speed)
{
	zeek::run_state::pseudo_realtime = speed;
}

void mock_zeek_close(struct mock_zeek *s)
{
	make_current(s);
	s->close();
	s->close();
}

void mock_zeek_free(struct mock_zeek *s)
{
	make_current(s);
	delete s->source;
	current_zeek = nullptr;
	delete s;
}

/* ---- Results ------------------------------------------------------------ */

struct mock_zeek_stats mock_zeek_statistics(struct mock_zeek *s)
{
	PktSrc::Stats stats;
	struct mock_zeek_stats to;

	s->source->Statistics(&stats);
	to.received = stats.received;
	to.dropped = stats.dropped;
	to.link = stats.link;
	to.bytes_received = stats.bytes_received;
	to.filtered = stats.filtered ? static_cast<int64_t>(*stats.filtered) :
				       -1;
	return to;
}

static zeek::ValPtr field(struct mock_zeek *s, const char *name)
{
	zeek::RecordValPtr record;

	zeek::iosource_mgr = &s->manager;
	record = plugin::Pktio_PktSrc::stats();
	return record
		->fields[record->GetType()->AsRecordType()->FieldOffset(name)];
}

uint64_t mock_zeek_counter(struct mock_zeek *s, const char *name)
{
	return field(s, name)->AsCount();
}

const char *mock_zeek_link(struct mock_zeek *s)
{
	static std::string text;

	text = field(s, "link")->AsStringVal()->ToStdString();
	return text.c_str();
}

struct mock_zeek_counts mock_zeek_get_counts(const struct mock_zeek *s)
{
	return s->counts;
}

const char *mock_zeek_log(const struct mock_zeek *s)
{
	return s->log.c_str();
}

const char *mock_zeek_violations(const struct mock_zeek *s)
{
	return s->violations.c_str();
}
}
